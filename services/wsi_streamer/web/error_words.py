"""Errors in the language of who reads a page. The API's own messages are English; programs go by the code."""

from __future__ import annotations

from wsi_streamer.slides.errors import WsiError
from wsi_streamer.web.languages import Language

JAPANESE_BY_CODE = {
    "invalid_request": "リクエストの内容が正しくありません。",
    "invalid_level": "指定された解像度レベルはこのスライドにありません。",
    "tile_out_of_bounds": "指定されたタイルはスライドの範囲外です。",
    "invalid_quality": "JPEG 品質は 1～100 の範囲で指定してください。",
    "invalid_signature_format": "リンクの署名の形式が正しくありません。新しいリンクを入手してください。",
    "invalid_expiry_format": "リンクの有効期限の形式が正しくありません。新しいリンクを入手してください。",
    "missing_signature": "この画面を開くには署名付きリンクが必要です。",
    "missing_expiry": "リンクが不完全です（有効期限がありません）。新しいリンクを入手してください。",
    "signature_expired": "リンクの有効期限が切れています。新しいリンクを入手してください。",
    "invalid_signature": "リンクが正しくありません。新しいリンクを入手してください。",
    "unauthorized": "サインインしていないか、閲覧権限が無効になっています。",
    "forbidden": "このページを表示する権限がありません。",
    "too_many_failures": "お使いのアドレスからの拒否されたリクエストが多すぎます。1 分ほど待ってからやり直してください。",
    "not_found": "お探しのものは見つかりませんでした。",
    "method_not_allowed": "この操作には対応していません。",
    "too_large": "送信されたデータが大きすぎます。",
    "unsupported_media_type": "このデータ形式には対応していません。",
    "slide_changed": "スライドが差し替えられています。しばらくしてからやり直してください。",
    "unsupported_format": "このファイル形式には対応していません。",
    "storage_error": "スライドの保存先でエラーが発生しました。",
    "connection_error": "スライドの保存先に接続できません。",
    "decode_error": "画像データを読み取れません。ファイルが破損している可能性があります。",
    "encode_error": "画像を作成できませんでした。",
    "busy": "サーバーが混み合っています。しばらくしてからやり直してください。",
    "catalog_unavailable": "データベースに接続できません。しばらくしてからやり直してください。",
    "audit_unavailable": "現在、閲覧記録を保存できないため、表示を停止しています。しばらくしてからやり直してください。",
    "identity_provider_unavailable": "認証サーバーに接続できません。しばらくしてからやり直してください。",
    "internal_error": "サーバーで予期しないエラーが発生しました。",
}
"""What is said where nothing more exact is."""

JAPANESE_BY_MESSAGE = {
    "You are not signed in.": "サインインしていません。",
    "You are not signed in, or your session is not valid.": "サインインしていないか、セッションが無効です。",
    "You are not signed in, or your sign-in is not valid.": "サインインしていないか、サインインが無効です。",
    "Your session has ended. Please sign in again.": "セッションの有効期限が切れました。もう一度サインインしてください。",
    "Your sign-in has expired. Please sign in again.": "サインインの有効期限が切れました。もう一度サインインしてください。",
    "This sign-in took too long, or was begun in another browser. Please try again.": (
        "サインインに時間がかかりすぎたか、別のブラウザーで開始されたサインインです。もう一度お試しください。"
    ),
    "This sign-in has been used before. Please try again.": "このサインインはすでに使用されています。もう一度お試しください。",
    "The identity provider did not let you in. Please try again.": "認証サーバーにサインインを拒否されました。もう一度お試しください。",
    "You could not be signed in. Please try again.": "サインインできませんでした。もう一度お試しください。",
    "You are signed in, but nothing here is open to you. Ask whoever runs this service.": (
        "サインインしていますが、閲覧できるスライドがありません。システム管理者にお問い合わせください。"
    ),
    "There are two cookies of one name. Remove this site's cookies and sign in again.": (
        "同じ名前の Cookie が 2 つあります。このサイトの Cookie を削除してから、もう一度サインインしてください。"
    ),
    "The grant is not known here. Ask for a new link.": "この共有リンクは登録されていません。新しいリンクを入手してください。",
    "The grant has been revoked. Ask for a new link.": "この共有リンクは取り消されました。新しいリンクを入手してください。",
    "The grant has expired. Ask for a new link.": "この共有リンクの有効期限が切れています。新しいリンクを入手してください。",
    "The grant does not hold for the network that you are in.": "この共有リンクは、現在お使いのネットワークからは利用できません。",
    "This is not a valid grant. Ask for a new link.": "共有リンクが正しくありません。新しいリンクを入手してください。",
    "You may see these slides, but not their names: there is nothing to search by.": (
        "スライドは閲覧できますが、名前を表示する権限がないため検索できません。"
    ),
    "You may see slides here by their ids alone.": "スライドは ID でのみ開くことができます。",
    "You may not see this, if it is here at all.": "存在しないか、閲覧する権限がありません。",
    "This can only be asked for by a page of this service.": "この操作は、このサービスの画面からのみ行えます。",
    "No such slide.": "スライドが見つかりません。",
    "The slide is no longer in the bucket.": "スライドは削除されています。",
}
"""What tells a person what to do next, by the English sentence."""


def sentence(error: WsiError, language: Language) -> str:
    """What a page says of an error."""
    if language == "en":
        return error.message
    return JAPANESE_BY_MESSAGE.get(error.message) or JAPANESE_BY_CODE[error.code]
