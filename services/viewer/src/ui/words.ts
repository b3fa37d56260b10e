import { phrases } from "../words/phrases";

export const words = phrases({
  en: {
    close: "Close",
    tryAgain: "Try again",
    late: (why: string) => `Some tiles are late and are asked for again. ${why}`,
    missing: (count: number, why: string) =>
      `${count === 1 ? "A tile is missing." : `${count} tiles are missing.`} ${why}`,
  },
  ja: {
    close: "閉じる",
    tryAgain: "再試行",
    late: (why: string) => `一部のタイルの読み込みが遅れているため、再取得しています。${why}`,
    missing: (count: number, why: string) => `${count} 枚のタイルを表示できません。${why}`,
  },
});
