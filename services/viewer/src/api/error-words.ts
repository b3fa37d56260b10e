// Errors by the API's code, in Japanese. In English the server's own sentence is shown, which says more.

import { language } from "../words/language";

const JAPANESE: Readonly<Record<string, string>> = {
  invalid_request: "リクエストの内容が正しくありません。",
  invalid_level: "指定された解像度レベルはこのスライドにありません。",
  tile_out_of_bounds: "指定されたタイルはスライドの範囲外です。",
  invalid_quality: "JPEG 品質は 1～100 の範囲で指定してください。",
  invalid_signature_format: "リンクの署名の形式が正しくありません。新しいリンクを入手してください。",
  invalid_expiry_format: "リンクの有効期限の形式が正しくありません。新しいリンクを入手してください。",
  missing_signature: "この画面を開くには署名付きリンクが必要です。",
  missing_expiry: "リンクが不完全です（有効期限がありません）。新しいリンクを入手してください。",
  signature_expired: "リンクの有効期限が切れています。新しいリンクを入手してください。",
  invalid_signature: "リンクが正しくありません。新しいリンクを入手してください。",
  unauthorized: "サインインしていないか、閲覧権限が無効になっています。",
  forbidden: "このページを表示する権限がありません。",
  too_many_failures: "お使いのアドレスからの拒否されたリクエストが多すぎます。1 分ほど待ってからやり直してください。",
  not_found: "お探しのものは見つかりませんでした。",
  method_not_allowed: "この操作には対応していません。",
  too_large: "送信されたデータが大きすぎます。",
  unsupported_media_type: "このデータ形式には対応していません。",
  slide_changed: "スライドが差し替えられています。しばらくしてからやり直してください。",
  unsupported_format: "このファイル形式には対応していません。",
  storage_error: "スライドの保存先でエラーが発生しました。",
  connection_error: "スライドの保存先に接続できません。",
  decode_error: "画像データを読み取れません。ファイルが破損している可能性があります。",
  encode_error: "画像を作成できませんでした。",
  busy: "サーバーが混み合っています。しばらくしてからやり直してください。",
  catalog_unavailable: "データベースに接続できません。しばらくしてからやり直してください。",
  audit_unavailable: "現在、閲覧記録を保存できないため、表示を停止しています。しばらくしてからやり直してください。",
  identity_provider_unavailable: "認証サーバーに接続できません。しばらくしてからやり直してください。",
  internal_error: "サーバーで予期しないエラーが発生しました。",
};

/** What an answer of this status tells whoever has no better words for it. */
const BY_STATUS = {
  en: (status: number) => `The server answered with status ${status}.`,
  ja: (status: number) => `サーバーからエラーが返されました（ステータス ${status}）。`,
};

const BROKEN_OFF = { en: "The server's answer broke off.", ja: "サーバーからの応答が途中で途切れました。" };
const UNREADABLE = {
  en: "The server's answer can't be read.",
  ja: "サーバーからの応答を読み取れませんでした。",
};
const UNREACHABLE = { en: "The server can't be reached.", ja: "サーバーに接続できません。" };

/** What to say of an answer that is an error; `code` and `message` as far as it holds them. */
export function errorSentence(status: number, code: string | null, message: string | null): string {
  const chosen = language();
  const own = chosen === "ja" ? JAPANESE[code ?? ""] : message;
  return own || BY_STATUS[chosen](status);
}

/** What to say where no answer came. */
export function unreachable(): string {
  return UNREACHABLE[language()];
}

/** What to say of an answer that ended too soon. */
export function brokenOff(): string {
  return BROKEN_OFF[language()];
}

/** What to say of an answer that is not what was asked for. */
export function unreadable(): string {
  return UNREADABLE[language()];
}
