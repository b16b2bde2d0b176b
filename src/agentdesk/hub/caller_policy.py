"""What a firm decides about its callers, as it stands in the settings."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class CallerCheck(BaseModel):
    """What a caller is asked to prove who they are: items by code, in order, and how many must be right.

    `required`: before it was passed no card is taken, and a link goes to the contact details on file only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    items: dict[Code, Words] = Field(min_length=1, max_length=9)  # one key each
    must_pass: int = Field(ge=1)
    required: bool = False

    @model_validator(mode="after")
    def _can_be_passed(self) -> Self:
        if self.must_pass > len(self.items):
            raise ValueError("must_pass is more than there are items")
        return self
