import { phrases } from "../words/phrases";

export const words = phrases({
  en: {
    tools: "Slide",
    markTools: "Measure and mark",
    moveTools: "View",
    canvas: (name: string) => `${name}. Arrow keys move, plus and minus zoom, 0 shows the whole slide.`,
    slides: "Slides",
    signOut: "Sign out",
    firstTime: "This slide is opened for the first time; that takes some seconds.",
    cannotStart: "The viewer can't start here; the browser's console says why.",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    home: "Whole slide",
    fullScreen: "Full screen",
  },
  ja: {
    tools: "スライド",
    markTools: "計測と注釈",
    moveTools: "表示",
    canvas: (name: string) => `${name}。矢印キーで移動、プラスとマイナスで拡大・縮小、0 で全体表示。`,
    slides: "スライド一覧",
    signOut: "サインアウト",
    firstTime: "このスライドは初めて開かれます。数秒かかります。",
    cannotStart: "ビューアーを起動できません。理由はブラウザーのコンソールに表示されています。",
    zoomIn: "拡大",
    zoomOut: "縮小",
    home: "全体表示",
    fullScreen: "全画面表示",
  },
});
