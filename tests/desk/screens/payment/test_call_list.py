"""The line with the payments of a call: what each chip says."""

from agentdesk import i18n
from agentdesk.desk.screens.payment.call_list import _words
from tests.desk import samples, stop_samples


def test_a_stopped_payment_is_called_so_in_the_language_of_its_reader() -> None:
    stopped = samples.payment(stop=stop_samples.stop())
    assert _words(2, stopped) == "2. £123.36 stopped"
    with i18n.speaking("de"):
        assert _words(2, stopped).endswith(" angehalten")
