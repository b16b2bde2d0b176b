// The provider's side of the pay page: keeps the card in this origin and gives the page a token only.
"use strict";

const form = document.getElementById("card");
const parentOrigin = form.dataset.parent;

function tell(message) {
  window.parent.postMessage(message, parentOrigin);
}

function show(name, words) {
  document.getElementById(name).setAttribute("aria-invalid", words ? "true" : "false");
  document.getElementById(`${name}-problem`).textContent = words;
}

async function tokenise() {
  const typed = {};
  for (const name of ["number", "expiry", "cvc"]) {
    typed[name] = document.getElementById(name).value;
    show(name, "");
  }
  const answer = await fetch("/frame/tokens", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(typed),
  });
  const result = await answer.json();
  if (answer.ok) {
    tell({ kind: "token", token: result.payment_method });
    return;
  }
  show(result.field, result.message);
  document.getElementById(result.field).focus();
  tell({ kind: "problem" });
}

window.addEventListener("message", (event) => {
  if (event.origin !== parentOrigin || event.source !== window.parent) return;
  if (event.data.kind === "hello") tell({ kind: "ready" });
  if (event.data.kind === "tokenise") {
    tokenise().catch(() => {
      show("number", "The connection was lost. Try again.");
      tell({ kind: "problem" });
    });
  }
});

document.getElementById("number").addEventListener("input", (event) => {
  const digits = event.target.value.replace(/\D/g, "");
  event.target.value = digits.replace(/(.{4})(?=.)/g, "$1 ");
});
document.getElementById("expiry").addEventListener("input", (event) => {
  const digits = event.target.value.replace(/\D/g, "").slice(0, 4);
  event.target.value = digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
});
form.addEventListener("submit", (event) => event.preventDefault());
