"""What pages made by the server say, in each language. What scripts write stands beside them, in the viewer's `words.ts`."""

from __future__ import annotations

from dataclasses import dataclass

from wsi_streamer.web.languages import Language


@dataclass(frozen=True, slots=True)
class Words:
    """In one language. ``{}`` stands for a value; all of it is text, never markup."""

    slides: str
    not_built: str
    no_script: str
    refused: str
    not_signed_in: str
    sign_in: str
    sign_out: str
    signed_in: str
    no_such_slide: str
    may_be_removed: str
    cannot_be_served: str
    no_page: str
    check_address: str
    slide_by_id: str
    link_question: str
    link_explained: str
    stay: str
    open_link: str
    signed_out: str
    session_ended: str
    signed_out_here: str
    ended_here_alone: str
    sign_in_first: str
    sign_in_apart_why: str
    open_apart: str


_ENGLISH = Words(
    slides="Slides",
    not_built="The viewer is not built: run “make viewer”.",
    no_script="This page needs JavaScript. Allow it for this site in your browser’s settings.",
    refused="This page can’t be shown",
    not_signed_in="You are not signed in",
    sign_in="Sign in",
    sign_out="Sign out",
    signed_in="Signed in",
    no_such_slide="No such slide",
    may_be_removed="It may have been removed from the bucket.",
    cannot_be_served="This file can’t be served.",
    no_page="There is nothing here",
    check_address="Check the address for mistakes.",
    slide_by_id="Slide {}",
    link_question="Open this link?",
    link_explained=(
        "You are signed in as {}. Another site has led you to a link that someone was given for some slides here. If you open "
        "it, you see what it is for, instead of what you may see yourself, and you are signed out in this browser."
    ),
    stay="Stay signed in",
    open_link="Open the link",
    signed_out="You are signed out",
    session_ended="Your session in this browser has ended.",
    signed_out_here="You are signed out here",
    ended_here_alone=(
        "Your session in this browser has ended. The database can't be reached now, so that a copy of it, if there is one, "
        "may go on: tell whoever runs this service."
    ),
    sign_in_first="Sign in to see this slide.",
    sign_in_apart_why="Signing in does not work inside of another page. Open this one in a new tab.",
    open_apart="Open in a new tab",
)

_JAPANESE = Words(
    slides="スライド一覧",
    not_built="ビューアーがビルドされていません。「make viewer」を実行してください。",
    no_script="このページの表示には JavaScript が必要です。ブラウザーの設定で、このサイトの JavaScript を許可してください。",
    refused="このページを表示できません",
    not_signed_in="サインインしていません",
    sign_in="サインイン",
    sign_out="サインアウト",
    signed_in="サインイン中",
    no_such_slide="スライドが見つかりません",
    may_be_removed="バケットから削除された可能性があります。",
    cannot_be_served="このファイルは表示できません。",
    no_page="ページが見つかりません",
    check_address="アドレスに誤りがないかご確認ください。",
    slide_by_id="スライド {}",
    link_question="このリンクを開きますか？",
    link_explained=(
        "現在 {} としてサインインしています。ほかのサイトから、特定のスライドを閲覧するための共有リンクに移動しようとしています。"
        "リンクを開くと、このブラウザーではサインアウトされ、ご自身の権限の代わりに、リンクで共有されたスライドだけが表示されます。"
    ),
    stay="サインインしたままにする",
    open_link="リンクを開く",
    signed_out="サインアウトしました",
    session_ended="このブラウザーでのセッションを終了しました。",
    signed_out_here="このブラウザーでサインアウトしました",
    ended_here_alone=(
        "このブラウザーでのセッションを終了しました。ただし現在データベースに接続できないため、セッションの複製が存在する場合は"
        "有効なままの可能性があります。システム管理者にご連絡ください。"
    ),
    sign_in_first="このスライドを表示するには、サインインしてください。",
    sign_in_apart_why="ほかのページに埋め込まれた画面ではサインインできません。新しいタブで開いてください。",
    open_apart="新しいタブで開く",
)

_ALL: dict[Language, Words] = {"en": _ENGLISH, "ja": _JAPANESE}


def words(language: Language) -> Words:
    """In a language."""
    return _ALL[language]
