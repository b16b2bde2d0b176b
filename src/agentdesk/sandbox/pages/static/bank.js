// The bank's question: yes or no, then back to the page that asked.
"use strict";

const bank = document.getElementById("bank");

for (const button of bank.querySelectorAll("button")) {
  button.addEventListener("click", async () => {
    for (const other of bank.querySelectorAll("button")) other.disabled = true;
    await fetch(`/frame/bank/${bank.dataset.intent}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ agrees: button.value === "true" }),
    });
    if (window.parent !== window) window.parent.postMessage({ kind: "answered" }, bank.dataset.parent);
    else if (bank.dataset.next) location.assign(bank.dataset.next);
    else location.reload();
  });
}
