"""What alembic runs: the steps, on the connection it was given."""

from alembic import context

from agentdesk.hub.db.tables import User

context.configure(connection=context.config.attributes["connection"], target_metadata=User.metadata)
context.run_migrations()
