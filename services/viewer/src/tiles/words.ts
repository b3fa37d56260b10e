import { phrases } from "../words/phrases";

export const words = phrases({
  en: { undecodable: "A tile can’t be decoded." },
  ja: { undecodable: "タイル画像を復号できません。" },
});
