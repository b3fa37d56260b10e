import { phrases } from "../words/phrases";

export const words = phrases({
  en: {
    slides: "Slides",
    noSuchSlide: "No such slide",
    mayBeRemoved: "It may have been removed from the bucket.",
  },
  ja: {
    slides: "スライド一覧",
    noSuchSlide: "スライドが見つかりません",
    mayBeRemoved: "バケットから削除された可能性があります。",
  },
});
