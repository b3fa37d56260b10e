// The API's description, for people. It only shows: no request is made from it, and nothing is loaded from elsewhere.

interface Options {
  domNode: Element | null;
  url: string;
  deepLinking: boolean;
  docExpansion: "list" | "full" | "none";
  defaultModelsExpandDepth: number;
  queryConfigEnabled: boolean;
  supportedSubmitMethods: string[];
  validatorUrl: string | null;
}

declare const SwaggerUIBundle: (options: Options) => unknown;

SwaggerUIBundle({
  domNode: document.querySelector("#schema"),
  url: "/schema/openapi.json",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  queryConfigEnabled: false, // a link must not be able to show another server's description as ours
  supportedSubmitMethods: [],
  validatorUrl: null,
});
