// One conversation through LiveChat's customer-sdk, for Node and for browsers. Every step goes to
// `note`, which gets a name and what came.
(function (scope) {
  "use strict";
  const HEARD = ["connected", "customer_id", "disconnected", "incoming_chat", "incoming_event",
    "chat_deactivated", "customer_updated", "events_marked_as_seen", "incoming_typing_indicator",
    "user_added_to_chat", "availability_updated"];

  scope.converse = async function (SDK, config, note) {
    const sdk = SDK.init(config);
    const connected = new Promise((resolve) => sdk.on("connected", resolve));
    const replied = new Promise((resolve) =>
      sdk.on("incoming_event", ({ event }) => event.text === "Hello, Ann" && resolve(event)));
    for (const name of HEARD) sdk.on(name, (payload) => note(`heard ${name}`, payload));
    await connected;
    note("list_chats", await sdk.listChats());
    const message = { type: "message", text: "Hello" };
    const { chat } = await sdk.startChat({ chat: { thread: { events: [message] } } });
    note("start_chat", chat);
    const chatId = chat.id, threadId = chat.thread.id;
    note("send_event", await sdk.sendEvent({ chatId, event: { type: "message", text: "More" } }));
    sdk.setSneakPeek({ chatId, sneakPeekText: "and" });
    note("waiting", { chatId });
    note("replied", await replied);
    note("get_chat", await sdk.getChat({ chatId, threadId }));
    note("history", await sdk.getChatHistory({ chatId }).next());
    await sdk.updateCustomer({ name: "Ann", email: "ann@example.com" });
    await sdk.setCustomerSessionFields({ sessionFields: { plan: "gold" } });
    note("get_customer", await sdk.getCustomer());
    note("predicted", await sdk.getPredictedAgent());
    note("statuses", await sdk.listGroupStatuses());
    note("form", await sdk.getForm({ groupId: 0, type: "prechat" }));
    await sdk.rateChat({ chatId, rating: { score: 1, comment: "good" } });
    await sdk.cancelRate({ chatId, properties: ["score"] });
    await sdk.markEventsAsSeen({ chatId, seenUpTo: new Date().toISOString() });
    if (config.file) {
      const upload = sdk.uploadFile({ file: config.file });
      const { url } = await upload.promise;
      note("file", await sdk.sendEvent({ chatId, event: { type: "file", url } }));
    }
    await sdk.deactivateChat({ id: chatId });
    note("resume_chat", (await sdk.resumeChat({ chat: { id: chatId } })).chat);
    note("refused", await sdk.getChat({ chatId: "NONE" }).catch((error) => ({ code: error.code })));
    sdk.disconnect();
  };
})(globalThis);
