// An OpenID provider on loopback: node openid.mjs '{"client_id":..., "client_secret":..., "people": {sub: claims}}'
// prints its issuer. Who asks for /spoil?how=... gets other ID tokens from then on: each is wrong in one way.
import http from "node:http";
import { Provider } from "oidc-provider";
import * as jose from "jose";

const asked = JSON.parse(process.argv[2]);
const BACK = "/admin/openid/callback/";
const { privateKey, publicKey } = await jose.generateKeyPair("RS256", { extractable: true });
const other = await jose.generateKeyPair("RS256");
const key = { ...(await jose.exportJWK(privateKey)), kid: "ours", alg: "RS256", use: "sig" };
const server = http.createServer().listen(0, "127.0.0.1");
await new Promise((resolve) => server.on("listening", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: asked.client_id,
    client_secret: asked.client_secret,
    redirect_uris: [`http://testserver${BACK}`],
    token_endpoint_auth_method: "client_secret_post",
  }],
  jwks: { keys: [key] },
  cookies: { keys: ["for tests"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "given_name", "family_name", "preferred_username", "groups", "realm_access"],
            email: ["email", "email_verified", "xms_edov"] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, id) => asked.people[id] && { accountId: id, claims: () => ({ sub: id, ...asked.people[id] }) },
  interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
  loadExistingGrant: async ({ oidc }) => { // everybody agrees
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});
// A browser of the tests comes from a port that nobody knows before.
provider.Client.prototype.redirectUriAllowed = (address) => new URL(address).pathname === BACK;

const now = () => Math.floor(Date.now() / 1000);
const sign = (claims, by = privateKey, header = {}) => // a header without kid is {kid: undefined}
  new jose.SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "ours", ...header }).sign(by);
const SPOILED = {
  audience: (claims) => sign({ ...claims, aud: "another client" }),
  party: (claims) => sign({ ...claims, aud: [claims.aud, "another client"], azp: "another client" }),
  issuer: (claims) => sign({ ...claims, iss: "https://elsewhere.example" }),
  expired: (claims) => sign({ ...claims, exp: now() - 120 }),
  nonce: (claims) => sign({ ...claims, nonce: "another one" }),
  no_nonce: ({ nonce, ...claims }) => sign(claims),
  subject: (claims) => sign({ ...claims, sub: "somebody else" }),
  long_subject: (claims) => sign({ ...claims, sub: "s".repeat(300) }),
  signature: (claims) => sign(claims, other.privateKey),
  key: (claims) => sign(claims, other.privateKey, { kid: "unknown" }),
  unsigned: (claims) => new jose.UnsecuredJWT(claims).encode(),
  symmetric: async (claims) => new jose.SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "ours" })
    .sign(new TextEncoder().encode(await jose.exportSPKI(publicKey))),
  garbage: () => "no token",
  missing: () => undefined,
};
let spoil = "";

provider.use(async (ctx, next) => {
  if (ctx.path === "/favicon.ico") {
    ctx.status = 204; // or the browser's console has an error
  } else if (ctx.path === "/spoil") {
    spoil = ctx.query.how;
    ctx.body = "spoiled";
  } else if (ctx.path === "/people") { // what somebody is from now on
    Object.assign(asked.people, JSON.parse(ctx.query.are));
    ctx.body = "changed";
  } else if (ctx.path.startsWith("/who/") && ctx.query.sub === undefined) {
    ctx.type = "html";
    ctx.body = `<title>Who?</title><form><input name="sub" id="sub"><button>Log in</button></form>`;
  } else if (ctx.path.startsWith("/who/")) {
    const refusal = { error: "access_denied", error_description: "No thanks" };
    const result = ctx.query.sub ? { login: { accountId: ctx.query.sub } } : refusal;
    await provider.interactionFinished(ctx.req, ctx.res, result);
    ctx.respond = false;
  } else {
    await next();
    if (ctx.path === "/token" && spoil && ctx.body?.id_token) {
      ctx.body = { ...ctx.body, id_token: await SPOILED[spoil](jose.decodeJwt(ctx.body.id_token)) };
    }
  }
});
server.on("request", provider.callback());
console.log(issuer);
