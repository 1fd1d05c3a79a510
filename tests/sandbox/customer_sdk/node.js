// Runs the conversation in Node; each step is a line of JSON on the standard output.
"use strict";
require("./conversation.js");
const SDK = require(`${process.env.NODE_PACKAGES}/@livechat/customer-sdk`);

const { organizationId, clientId, accessToken, entityId } = JSON.parse(process.env.CUSTOMER);
const token = {
  accessToken, entityId, expiresIn: 28800, tokenType: "Bearer", creationDate: Date.now(),
};
// Node has no cookies, so the token comes from whoever runs this.
const identityProvider = () => ({
  getToken: async () => token,
  getFreshToken: async () => token,
  hasToken: async () => true,
  invalidate: async () => {},
});
const note = (name, content) => console.log(JSON.stringify([name, content ?? null]));

globalThis
  .converse(SDK, { organizationId, clientId, identityProvider }, note)
  .then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
