"""Who asks to be let into which room, for moderators: accept or refuse, one or all; Tk thread only."""

import tkinter as tk
from functools import partial
from tkinter import ttk

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.join_requests import by_room
from chat_client.ui.actions import Actions
from chat_client.ui.look import dates
from chat_client.ui.look.look import Look
from chat_client.ui.panes.pane_head import WIDTH, AskedPane
from chat_client.ui.sheets.questions import ask_text
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import button, on_event, on_wheel, person_label
from chat_client.ui.widgets.words import Words
from chat_protocol.objects import JoinRequest


class RequestsPane(AskedPane):
    """The widget."""

    def __init__(self, parent: tk.Misc, look: Look, client: Client, actions: Actions) -> None:
        super().__init__(parent, look, actions, _("requests.title"))
        self._look = look
        self._client = client
        self._shown: list[JoinRequest] | None = None
        self.words.pack(fill="x")
        self._canvas = tk.Canvas(
            self, background=look.palette.side, highlightthickness=0, borderwidth=0, width=10
        )
        self._bar = ttk.Scrollbar(self, command=self._canvas.yview, style="Side.Vertical.TScrollbar")
        self._canvas.configure(yscrollcommand=self._bar.set)
        self._bar.pack(side="right", fill="y")
        self._canvas.pack(side="left", fill="both", expand=True)
        self._cards = ttk.Frame(self._canvas, style="Side.TFrame")
        self._window = self._canvas.create_window(0, 0, window=self._cards, anchor="nw")
        self._canvas.bind(
            "<Configure>", lambda event: self._canvas.itemconfigure(self._window, width=event.width)
        )
        self._cards.bind(
            "<Configure>", lambda _event: self._canvas.configure(scrollregion=self._canvas.bbox("all"))
        )
        on_wheel(self._canvas, lambda step: self._canvas.yview_scroll(step, "units"))
        self._canvas.configure(yscrollincrement=look.px(40))
        self._on_close = actions.window.show_members_again
        self.buttons: dict[tuple[str, str, str], ttk.Button] = {}

    def start(self) -> None:
        """Ask who waits, and take the keyboard."""
        self._client.moderation.pending()
        self.show()
        Timer(self, self._focus_first).soon()

    def _focus_first(self) -> None:
        answers = (made for (_user, _room, name), made in self.buttons.items() if name == "accept")
        first = next(answers, None)
        (first or self).focus_set()

    def show(self, *, again: bool = False) -> None:
        """Draw who waits.

        :param again: also where nobody came or went, since the words for the times have changed.
        """
        requests = list(self._client.state.join_requests)
        if requests == self._shown and not again:
            return
        self._shown = requests
        self.buttons.clear()
        for child in self._cards.winfo_children():
            child.destroy()
        self.words.configure(text="" if requests else _("requests.nobody"))
        if requests:
            self.words.pack_forget()
        else:
            self.words.pack(fill="x", before=self._bar)
        for room, waiting in by_room(requests):
            self._heading(room, [request.username for request in waiting])
            for request in waiting:
                self._card(request)

    def _heading(self, room: str, usernames: list[str]) -> None:
        """Name the room, with a button that accepts all who are shown below."""
        look = self._look
        row = ttk.Frame(self._cards, style="Side.TFrame")
        row.pack(fill="x", padx=look.px(16), pady=(look.px(4), look.px(8)))
        wrap = look.px(WIDTH - 190)
        if len(usernames) > 1 and self._client.moderation.known:
            words = _("requests.accept_all", count=len(usernames))
            accept = partial(self._client.moderation.accept, usernames, room)
            self._take_keys("", room, "accept_all", button(row, words, accept, surface="side"), row)
            self.buttons["", room, "accept_all"].pack(side="right")
        Words(row, look, "Side.Bold", look.line(room), wrap=wrap).pack(side="left", anchor="w")

    def _card(self, request: JoinRequest) -> None:
        look = self._look
        edge = tk.Frame(self._cards, background=look.palette.line, padx=1, pady=1)
        edge.pack(fill="x", padx=look.px(16), pady=(0, look.px(10)))
        card = ttk.Frame(edge, style="Raised.TFrame", padding=look.px(12))
        card.pack(fill="x")
        top = ttk.Frame(card, style="Raised.TFrame")
        top.pack(fill="x")
        avatar = person_label(top, look, request.display_name, request.username, 32)
        avatar.pack(side="left", padx=(0, look.px(10)))
        names = ttk.Frame(top, style="Raised.TFrame")
        names.pack(side="left", fill="x", expand=True)
        inner = look.px(WIDTH - 110)
        Words(names, look, "Raised.Bold", look.line(request.display_name), wrap=inner).pack(anchor="w")
        asked = dates.moment(request.requested_at, dates.today())
        Words(names, look, "Raised.Small", f"@{request.username} · {asked}", wrap=inner).pack(anchor="w")
        if request.reason:
            inner = look.px(WIDTH - 70)
            words = look.paragraph(request.reason, "label", inner)
            Words(card, look, "Raised", words, wrap=inner).pack(anchor="w", pady=(look.px(8), 0))
        self._answers(card, request)

    def _answers(self, card: ttk.Frame, request: JoinRequest) -> None:
        look = self._look
        row = ttk.Frame(card, style="Raised.TFrame")
        row.pack(fill="x", pady=(look.px(10), 0))
        yes = button(
            row,
            _("requests.accept"),
            lambda: self._decide(request, True),
            kind="Accent",
            surface="raised",
        )
        no = button(row, _("requests.refuse"), lambda: self._refuse(request), surface="raised")
        yes.pack(side="left")
        no.pack(side="left", padx=look.px(8))
        for name, made in (("accept", yes), ("refuse", no)):
            self._take_keys(request.username, request.room, name, made, card.master)

    def _take_keys(self, username: str, room: str, name: str, made: ttk.Button, edge: tk.Misc) -> None:
        """Let a button close the pane with Escape, and be seen with what belongs to it."""
        made.bind("<Escape>", lambda _event: self._on_close())
        made.bind("<FocusIn>", on_event(self._see, edge))
        self.buttons[username, room, name] = made

    def _see(self, edge: tk.Misc) -> None:
        total = max(1, self._cards.winfo_height())
        top, bottom = self._canvas.canvasy(0), self._canvas.canvasy(self._canvas.winfo_height())
        if edge.winfo_y() < top or edge.winfo_y() + edge.winfo_height() > bottom:
            self._canvas.yview_moveto(edge.winfo_y() / total)

    def _decide(self, request: JoinRequest, accept: bool, reason: str = "") -> None:
        self._client.moderation.decide(request.username, request.room, accept, reason)

    def _refuse(self, request: JoinRequest) -> None:
        ask_text(
            self._look,
            _("requests.refuse_title", name=self._look.plain_line(request.display_name)),
            _("requests.refuse_reason"),
            _("requests.refuse"),
            lambda reason: self._decide(request, False, reason),
        )
