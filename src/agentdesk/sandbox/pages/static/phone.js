// The caller's phone: shows what the network says of one call, and presses its keys.
"use strict";

const POLL_MS = 250;
const KEY_GAP_MS = 120;
const stage = document.getElementById("stage");
const $ = (id) => document.getElementById(id);
let call = stage.dataset.call;
let last = null;

async function ask(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const reply = await fetch(`/_sim${path}`, { method, headers, body: JSON.stringify(body) });
  if (!reply.ok) throw Object.assign(new Error((await reply.json()).detail), { status: reply.status });
  return reply.status === 204 ? null : reply.json();
}

function act(path, body = {}, method = "POST") {
  return ask(`/calls/${call}${path}`, method, body).catch((error) => say(String(error.message)));
}

function say(words) {
  $("hears").textContent = words;
}

function node(tag, words, className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = className;
  return made;
}

function clock(seconds) {
  const two = (n) => String(Math.floor(n)).padStart(2, "0");
  return `${two(seconds / 60)}:${two(seconds % 60)}`;
}

function since(state) {
  if (state.status === "ringing") return "Ringing";
  const end = state.ended_at ? Date.parse(state.ended_at) : Date.now();
  const lasted = state.started_at ? clock(Math.max(0, (end - Date.parse(state.started_at)) / 1000)) : "00:00";
  if (state.status === "completed") return `Call ended, ${lasted}`;
  return state.held ? `On hold, ${lasted}` : `On a call, ${lasted}`;
}

function showDots(state) {
  const total = state.expects ?? state.keyed + 1;
  const shown = [];
  for (let n = 0; state.asked && n < total; n += 1) {
    if (state.asked === "expiration-date" && n === 2) shown.push(node("span", "/", "slash"));
    if (total > 8 && n && n % 4 === 0) shown.push(node("span", "", "room"));
    shown.push(node("span", "", n < state.keyed ? "dot on" : n === state.keyed ? "dot next" : "dot"));
  }
  $("dots").classList.toggle("long", total > 8);
  $("dots").replaceChildren(...shown);
  const of = state.expects ? `${state.keyed} of ${state.expects} keyed` : `${state.keyed} keyed`;
  $("keyed").textContent = state.asked ? of : "";
}

function textMessage(text) {
  const bubble = node("p", "", "text");
  for (const part of text.body.split(/(https?:\/\/\S+)/)) {
    if (!/^https?:/.test(part)) {
      bubble.append(part);
      continue;
    }
    const link = node("a", part);
    Object.assign(link, { href: part, target: "_blank", rel: "noreferrer" });
    bubble.append(link);
  }
  return bubble;
}

function showTexts(state) {
  const texts = state.asked ? [] : state.texts.slice().reverse();
  $("texts").replaceChildren(...texts.map(textMessage));
}

function showLine(state) {
  const secured = Boolean(state.secured_at);
  const talking = state.status === "in-progress";
  $("hearing").textContent = secured ? "Agent hears one flat tone" : talking ? "Agent hears the caller" : "Nobody is on the line";
  $("hearing").classList.toggle("flat", secured);
  const at = secured ? new Date(state.secured_at).toLocaleTimeString("en-GB") : "";
  $("secured").className = secured ? "badge secure" : "badge neutral";
  $("secured").replaceChildren(...(secured ? [shield(), `Secured at ${at}`] : [talking ? "Open line" : "Idle"]));
}

function shield() {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("class", "icon");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "/page/phone-icons.svg#shield");
  made.append(use);
  return made;
}

function enter(status) {
  stage.dataset.state = status;
  const live = status === "ringing" || status === "in-progress";
  for (const button of document.querySelectorAll(".mishap, #whole")) button.disabled = !live;
  for (const key of document.querySelectorAll(".key")) key.disabled = status !== "in-progress";
  return live;
}

function show(state) {
  const piloted = enter(state.status) && Boolean(state.autopilot);
  $("who").textContent = `Caller: ${state.caller_name || state.from}`;
  $("since").textContent = since(state);
  const same = JSON.stringify(last) === JSON.stringify(state);
  last = state;
  if (same) return;
  say(`“${state.hears}”`);
  showDots(state);
  showTexts(state);
  showLine(state);
  $("whole").setAttribute("aria-pressed", String(piloted));
  $("whole").lastElementChild.textContent = piloted ? "Keying what is asked" : "Key the whole card";
}

function choice(words, right, chosen) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.append(node("span", words), node("small", right));
  button.addEventListener("click", chosen);
  item.append(button);
  return item;
}

function attach(sid) {
  call = sid;
  last = null;
  history.replaceState(null, "", sid ? `/phone/${sid}` : "/phone");
  $("calls").textContent = $("callers").textContent = "";
}

async function ring(number) {
  attach((await ask("/calls", "POST", { from: number })).sid);
}

async function showChoices() {
  enter("none");
  $("who").textContent = "No call";
  $("since").textContent = "Nobody is calling";
  $("hearing").textContent = "Nobody is on the line";
  const [calls, callers] = await Promise.all([ask("/calls"), ask("/callers")]);
  const live = calls.filter((one) => one.status !== "completed").reverse();
  const seen = JSON.stringify([live.map((one) => [one.sid, one.status]), callers]);
  if (seen === $("chooser").dataset.seen && $("callers").children.length) return;
  $("chooser").dataset.seen = seen;
  const lines = live.map((one) => choice(one.caller_name || one.from, one.status.replace("-", " "), () => attach(one.sid)));
  $("calls").replaceChildren(...(lines.length ? lines : [node("li", "No call is ringing.", "quiet")]));
  const people = callers.length ? callers : [{ name: "Unknown caller", number: "+442079460958" }];
  $("callers").replaceChildren(...people.map((one) => choice(one.name, one.number, () => ring(one.number))));
}

function card() {
  return document.querySelector("input[name=card]:checked").value;
}

function pilot(on) {
  return on ? act("/autopilot", { card: card(), gap_ms: KEY_GAP_MS }) : act("/autopilot", undefined, "DELETE");
}

const MISHAPS = {
  "hang-up": () => act("/hang-up"),
  star: () => act("/keys", { digits: "*", gap_ms: 0 }),
  "double-tone": () => act("/double-tone"),
  "say-digits": () => act("/say-digits"),
  quiet: () => act("/quiet", { seconds: 30 }),
  drop: () => ask("/faults", "POST", { face: "stripe", kind: "drop_reply_after_executing", route: "POST /v1/payment_intents" }),
};

let pressing = Promise.resolve();

function press(key) {
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (button.disabled) return;
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 120);
  pressing = pressing.then(() => act("/keys", { digits: key, gap_ms: 0 }));
}

document.querySelectorAll("[data-key]").forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));
document.querySelectorAll("[data-mishap]").forEach((button) => {
  button.addEventListener("click", async () => {
    button.classList.add("done");
    await MISHAPS[button.dataset.mishap]();
    setTimeout(() => button.classList.remove("done"), 1500);
  });
});
document.querySelectorAll("input[name=card]").forEach((radio) => {
  radio.addEventListener("change", () => last?.autopilot && pilot(true));
});
document.addEventListener("keydown", (event) => {
  if (/^[0-9*#]$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey && call) press(event.key);
});
$("end").addEventListener("click", () => act("/hang-up"));
$("whole").addEventListener("click", () => pilot(!last?.autopilot));
$("again").addEventListener("click", () => ring(last.from));
$("other").addEventListener("click", () => attach(""));

async function refresh() {
  if (!call) return showChoices();
  const sid = call;
  const state = await ask(`/calls/${sid}`);
  return sid === call ? show(state) : undefined;
}

async function tick() {
  $("time").textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  try {
    await refresh();
  } catch (error) {
    if (error.status === 404) attach("");
    else $("since").textContent = "The sandbox does not answer";
  }
  setTimeout(tick, POLL_MS);
}

tick();
