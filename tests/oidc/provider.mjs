// A real OpenID provider for the tests: whoever is named by `login_hint` is logged in without a page. It prints its
// issuer once it listens, and ends with its standard input.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const people = {
  ada: { email: 'Ada@example.org', email_verified: true, name: 'Ada Lovelace' },
  // Somebody else, to whom the provider gave Ada's address later.
  heir: { email: 'ada@example.org', email_verified: true, name: 'Ada Heir' },
  bea: { email: 'bea@example.org', email_verified: false, name: 'Bea' },
  cid: { email: 'cid@example.org', email_verified: true, name: 'Cid Newcomer', groups: ['staff', 'crm-sales'] },
  eve: { email: 'eve@example.org', email_verified: true, name: 'Eve', groups: ['staff'] },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'garant',
        client_secret: 'a secret of the tests',
        redirect_uris: ['https://crm.example.org/auth/acme/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    cookies: { keys: ['tests'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Everybody has agreed.
    loadExistingGrant: async (ctx) => {
      const { client, session } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
  });
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return callback(request, response);
    const { params } = await provider.interactionDetails(request, response);
    await provider.interactionFinished(request, response, { login: { accountId: params.login_hint } });
  });
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
