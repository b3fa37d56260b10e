// A certified OpenID provider (oidc-provider) for the tests: users in groups, signing keys that can be rotated while it runs.
//
// node provider.mjs '{"port": 4711, "users": {"ada": {"groups": ["pathology"]}}, "tokenSeconds": 3600}'
// It says "ready" once it listens. POST /control/rotate signs with new keys and goes on publishing the old ones, POST
// /control/retire withdraws those, GET /control/counts tells how often something was asked for.

import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import Provider from "oidc-provider";

const { port, users, tokenSeconds = 3600 } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const API = "https://slides.test/api";

const claimsOf = (id) => users[id] ?? {};
const names = [...new Set(Object.values(users).flatMap((claims) => Object.keys(claims)))];

async function newKeys() {
  const keys = [];
  for (const alg of ["RS256", "PS256", "ES256"]) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.push({ ...(await exportJWK(privateKey)), alg, use: "sig", kid: crypto.randomUUID() });
  }
  return keys;
}

function client(id, alg, method) {
  return {
    client_id: id,
    ...(method === "none" ? {} : { client_secret: `${id} secret: 100% & more` }),
    token_endpoint_auth_method: method,
    id_token_signed_response_alg: alg,
    application_type: "native", // so that any port of this machine will do
    redirect_uris: ["http://127.0.0.1/auth/callback", "http://localhost/auth/callback"],
    grant_types: ["authorization_code", ...(method === "none" ? [] : ["client_credentials"])],
    response_types: ["code"],
  };
}

function provider(keys) {
  const made = new Provider(issuer, {
    jwks: { keys },
    clients: [
      client("viewer", "RS256", "client_secret_basic"),
      client("viewer-post", "PS256", "client_secret_post"),
      client("viewer-public", "ES256", "none"),
    ],
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub", ...names] },
    conformIdTokenClaims: false, // as Keycloak, Entra and dex do: claims stand in the ID token
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...claimsOf(id) }) }),
    extraTokenClaims: (_, token) => claimsOf(token.accountId ?? token.clientId),
    ttl: { AccessToken: tokenSeconds, ClientCredentials: tokenSeconds, IdToken: tokenSeconds },
    pkce: { required: () => true },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, audience) => {
          if (audience !== API) throw new Error("no such API");
          return { scope: "slides", audience, accessTokenTTL: tokenSeconds, accessTokenFormat: "jwt" };
        },
      },
    },
  });
  return made.callback();
}

const counts = {};
let keys = await newKeys();
let answer = provider(keys);

const controls = {
  "/control/rotate": async () => {
    keys = [...(await newKeys()), ...keys];
    answer = provider(keys); // what was begun goes on: sessions and codes are kept apart from it
  },
  "/control/retire": async () => {
    keys = keys.slice(0, 3);
    answer = provider(keys);
  },
  "/control/counts": async () => {},
};

createServer(async (request, response) => {
  const path = request.url.split("?")[0];
  if (path in controls) {
    await controls[path]();
    response.end(JSON.stringify(counts));
    return;
  }
  counts[path] = (counts[path] ?? 0) + 1;
  answer(request, response);
}).listen(port, "127.0.0.1", () => console.log("ready"));
