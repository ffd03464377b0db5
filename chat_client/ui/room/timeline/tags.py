"""What the styles of the timeline look like: the tags of its text widget; knows no entry and no message."""

import tkinter as tk

from chat_client.ui.look.look import Look
from chat_client.ui.look.theme import mix


def configure_tags(text: tk.Text, look: Look) -> None:
    """Give the styles of the timeline their fonts, colours and margins."""
    palette = look.palette
    left, gap = look.px(4), look.px(2)
    text.tag_configure("body", spacing1=gap, spacing3=gap, lmargin1=left, lmargin2=left)
    text.tag_configure("head", spacing1=look.px(12), lmargin1=left, lmargin2=left)
    text.tag_configure("author", font=look.font("bold"))
    text.tag_configure("time", font=look.font("tiny"), foreground=palette.faint)
    text.tag_configure("badge", font=look.font("tiny_bold"), foreground=palette.accent_text)
    for name in ("bold", "italic", "bold_italic", "code"):
        text.tag_configure(name, font=look.font(name))
    text.tag_configure("code", background=palette.code, foreground=palette.code_text)
    text.tag_configure(
        "block",
        font=look.font("code"),
        background=palette.code,
        lmargin1=left + look.px(10),
        lmargin2=left + look.px(10),
        lmargincolor=palette.code,
        rmargincolor=palette.paper,
        spacing1=look.px(3),
        spacing3=look.px(3),
    )
    ground = mix(palette.paper, palette.accent, 0.08)
    text.tag_configure(
        "quoted",
        background=ground,
        foreground=palette.muted,
        lmargin1=left + look.px(10),
        lmargin2=left + look.px(10),
        lmargincolor=ground,
        rmargincolor=palette.paper,
    )
    text.tag_configure("action", font=look.font("italic"))
    text.tag_configure("mention", foreground=palette.accent_text, font=look.font("bold"))
    text.tag_configure(
        "mentioned", background=palette.mention, lmargincolor=palette.mention, rmargincolor=palette.paper
    )
    text.tag_configure("me", background=palette.mention, foreground=palette.mention_text)
    text.tag_configure("room", foreground=palette.accent_text, font=look.font("bold"))
    text.tag_configure("link", foreground=palette.accent_text, underline=True)
    text.tag_configure("file_name", foreground=palette.accent_text)
    text.tag_configure("pending", foreground=palette.faint)
    text.tag_configure("deleted", font=look.font("italic"), foreground=palette.faint)
    text.tag_configure("note", font=look.font("tiny"), foreground=palette.faint)
    text.tag_configure("caption", font=look.font("small"), foreground=palette.muted)
    text.tag_configure("picture", lmargin1=left, lmargin2=left, spacing1=look.px(4))
    text.tag_configure(
        "quote",
        font=look.font("small"),
        foreground=palette.muted,
        lmargin1=left,
        lmargin2=left,
        spacing1=look.px(4),
        wrap="none",
    )
    text.tag_configure("emoji_small", font=look.font("emoji_small"))
    text.tag_configure(
        "refused",
        font=look.font("small"),
        foreground=palette.danger_text,
        lmargin1=left,
        lmargin2=left,
        spacing3=look.px(4),
    )
    text.tag_configure("button", font=look.font("small_bold"), foreground=palette.accent_text)
    text.tag_configure("chips", lmargin1=left, lmargin2=left, spacing1=gap, spacing3=gap)
    text.tag_configure("emoji", font=look.font("emoji"))
    text.tag_configure("emoji_alone", font=look.font("emoji_display"))
    text.tag_configure("rule", lmargin1=0, lmargin2=0)
    text.tag_configure("from_right", justify="right")
    text.tag_configure(
        "edge",
        font=look.font("small"),
        foreground=palette.muted,
        justify="center",
        spacing1=look.px(14),
        spacing3=look.px(10),
    )
    text.tag_configure(
        "cursor",
        background=palette.accent_soft,
        lmargincolor=palette.accent_soft,
        rmargincolor=palette.paper,
    )
    text.tag_configure(
        "found",
        background=mix(palette.paper, palette.accent, 0.22),
        lmargincolor=mix(palette.paper, palette.accent, 0.22),
    )
    text.tag_raise("sel")


# Writing
