"""Commands that speak to everyone and open or close the door; it must not know how a notice travels.

Runs on the thread that reads the lines.
"""

from chat_server.console.shell.base import Commands, command
from chat_server.console.shell.replies import Reply, Said, count


class NoticeCommands(Commands):
    """Announce, welcome, and let newcomers in or not."""

    @command("notices")
    def do_announce(self, text: str) -> Reply:
        """announce <text>

        Show a text to everyone who is connected. It is not kept.
        """
        reached = self.parts.notices.announce(self.actor, text)
        return Said(f"Announced to {count(reached, 'connection')}.", {"connections": reached})

    @command("notices")
    def do_motd(self, text: str) -> Reply:
        """motd [text]

        Show the welcome message, or set it: everyone sees it after signing in. `motd none` removes it.
        """
        notices = self.parts.notices
        if not text:
            return Said(notices.motd or "There is no welcome message.", {"motd": notices.motd})
        if text.lower() == "none":
            notices.set_motd(self.actor, "")
            return Said("The welcome message is removed.", {"motd": ""})
        notices.set_motd(self.actor, text)
        return Said("The welcome message is set.", {"motd": notices.motd})

    @command("notices")
    def do_registration(self, state: str | None) -> Reply:
        """registration [open|closed]

        Show whether new users may register, or change it. It holds over restarts.
        """
        registration = self.parts.registration
        if state is not None:
            registration.change(self.actor, state)
        return Said(f"Registration is {registration.state}.", {"registration": registration.state})
