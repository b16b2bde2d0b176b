// The merchant's side of the pay page: it never sees a card, only a token that the frame sends.
"use strict";

const pay = document.getElementById("pay");
const frameOrigin = new URL(pay.dataset.frame).origin;
const button = document.getElementById("pay-button");
const problem = document.getElementById("problem");
const fields = document.getElementById("fields");

function busy(yes) {
  button.disabled = yes;
  button.textContent = yes ? "Paying" : button.dataset.words;
}

async function confirm(token) {
  const answer = await fetch(`/c/pay/${pay.dataset.session}/confirm`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ payment_method: token }),
  });
  if (answer.ok) {
    location.reload();
    return;
  }
  problem.textContent = "The payment could not be sent. Try again.";
  busy(false);
}

window.addEventListener("message", (event) => {
  if (event.origin !== frameOrigin) return;
  if (event.data.kind === "ready" && button) busy(false);
  if (event.data.kind === "token") {
    confirm(event.data.token).catch(() => {
      problem.textContent = "The connection was lost. Reload this page to see whether the payment was made.";
      busy(false);
    });
  }
  if (event.data.kind === "problem") busy(false);
  if (event.data.kind === "answered") location.reload();
});

if (button) {
  button.addEventListener("click", () => {
    busy(true);
    problem.textContent = "";
    fields.contentWindow.postMessage({ kind: "tokenise" }, frameOrigin);
  });
  const greet = () => fields.contentWindow.postMessage({ kind: "hello" }, frameOrigin);
  fields.addEventListener("load", greet);
  if (fields.contentDocument === null) greet(); // another origin's page is there already
}

if (pay.dataset.state === "processing") setTimeout(() => location.reload(), 2000);
