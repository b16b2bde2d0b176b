"""What each error says to people: what happened, what it means for the money, what to do."""

from agentdesk.i18n import N_

TEXT = {
    # input
    "amount_not_a_number": N_("That is not an amount. Nothing was sent. Type it as 123.45."),
    "amount_too_precise": N_("{currency} has {digits} decimal digits. Nothing was sent. Shorten the amount."),
    "amount_zero": N_("The amount is zero. Nothing was sent. Choose an invoice or type an amount."),
    "amount_over_balance": N_("{amount} is more than the {owed} owed. Nothing was sent. Lower the amount."),
    "amount_over_limit": N_(
        "{amount} is over your limit of {limit}. Nothing was sent. Lower it or ask a supervisor."
    ),
    "amount_over_most": N_(
        "{amount} is over {most}, the most that is taken at once. Nothing was sent. Lower the amount."
    ),
    "amount_under_least": N_(
        "{amount} is under {least}, the least that is taken by card. Nothing was sent. Raise the amount."
    ),
    "amount_fixed": N_(
        "{amount} is not the {owed} that the chosen invoices owe. Nothing was sent. "
        "Invoices are paid whole here: choose which."
    ),
    "part_not_allowed": N_(
        "{number} is not paid in part here: it is {owed}. Nothing was sent. Pay all of it or leave it out."
    ),
    "part_too_small": N_(
        "{amount} is under {least}, the least part of {number}. Nothing was sent. Raise the amount."
    ),
    "on_account_not_allowed": N_(
        "Nothing is taken without an invoice here. Nothing was sent. Choose an invoice."
    ),
    "split_not_allowed": N_(
        "A payment is not split over two cards here. Nothing was sent. Take it on one card."
    ),
    "split_too_much": N_(
        "{amount} leaves nothing of {whole} for the second card. Nothing was sent. "
        "Lower what the first card pays."
    ),
    "split_not_yet": N_(
        "The first card has not paid yet, payment {reference}. Nothing new was started. Wait for its outcome."
    ),
    "split_differs": N_(
        "Of payment {reference} {left} is left for the second card, not {amount}. "
        "Nothing new was started. Look at the payments of this call."
    ),
    "split_not_owed": N_(
        "The accounts no longer show all that is left for the second card. "
        "Nothing new was started. Load the invoices again."
    ),
    "limit_other_currency": N_(
        "Your limit of {limit} says nothing of {currency}. Nothing was sent. Ask a supervisor."
    ),
    "allocation_mismatch": N_("The invoices do not add up to {amount}. Nothing was sent. Choose them again."),
    "allocation_over_item": N_(
        "{amount} is more than {owed}, which is open on {number}. Nothing was sent. Lower the amount."
    ),
    "currency_unknown": N_("{currency} is not a currency. Nothing was sent. Use a code such as GBP."),
    "currency_mismatch": N_("This account is in {expected}, not {got}. Nothing was sent. Use {expected}."),
    "card_number_refused": N_(
        "That looked like a card number. It was removed and not kept; "
        "no payment was touched. Ask the caller to key it on the phone."
    ),
    "field_invalid": N_("{field} is not right: {reason}. Nothing was changed. Correct it and try again."),
    "cursor_invalid": N_("This list has changed its filters. No payment was touched. Load it again."),
    "phone_invalid": N_("{phone} is not a telephone number. No payment was touched. Check it."),
    "disposition_required": N_("This call needs a reason. Nothing was changed. Choose one to finish."),
    "note_required": N_(
        "This reason needs a note. Nothing was changed. Say what the next person should know."
    ),
    "reason_unknown": N_(
        "{reason} is not a reason of this queue. Nothing was changed. Choose one from the list."
    ),
    # people
    "sign_in_failed": N_("Name or password is not right. No payment was touched. Try again."),
    "sign_in_slow_down": N_("Too many tries. No payment was touched. Try again in {seconds} s."),
    "not_signed_in": N_("You are signed out. A payment already sent is still being followed. Sign in again."),
    "not_allowed": N_("Your role does not allow this. No payment was touched. Ask a supervisor."),
    "set_up_done": N_("Set-up is already done. Nothing was changed. Sign in instead."),
    "set_up_elsewhere": N_(
        "The first administrator is made on the hub’s own machine. Nothing was changed. "
        "Use agentdesk admin create-user on the hub."
    ),
    "user_name_taken": N_("{username} is taken. Nothing was changed. Choose another name."),
    "password_weak": N_("The password is too short. Nothing was changed. Use 12 characters or more."),
    # things
    "call_unknown": N_(
        "This call is not known here. No payment was touched. Ask the caller to ring again, "
        "or find the customer."
    ),
    "call_over": N_("The call has ended. Nothing was sent. Call back."),
    "call_held": N_("The caller is on hold. Nothing was sent. Take them off hold first."),
    "call_without_number": N_(
        "This call has neither a number nor a reference. No payment was touched. Give one of them."
    ),
    "card_entry_elsewhere": N_(
        "Card entry is live on another call of yours. It is being followed. Finish or cancel it first."
    ),
    "call_not_yours": N_("{agent} has this call. No payment was touched. Take another."),
    "customer_unknown": N_(
        "This customer is not in the customer records. No payment was touched. Search again."
    ),
    "customer_changed": N_(
        "This payment is for {name}, and the call is for somebody else by now. Nothing was sent. "
        "Choose {name} again, or begin a new payment."
    ),
    "customer_fixed": N_(
        "Payment {reference} of this call is for this customer. Nothing was changed. "
        "Wrap the call up and take the other customer on a new one."
    ),
    "check_not_set_up": N_(
        "No caller check is set up for this queue. Nothing was changed. Go on without one."
    ),
    "check_item_unknown": N_("{item} is not asked in this queue. Nothing was changed. Choose from the list."),
    "check_too_few": N_(
        "{count} right answers are needed to pass. Nothing was changed. Ask one more, "
        "or note that the check was not passed."
    ),
    "caller_not_verified": N_(
        "The caller did not pass the caller check. Nothing was sent. "
        "Send a link to the contact details on file."
    ),
    "caller_not_checked": N_(
        "This queue asks for the caller check first. Nothing was sent. Do the check, "
        "or send a link to the contact details on file."
    ),
    "link_only_to_file": N_(
        "The caller is not proven or the call is over, and {contact} is not on file for this customer. "
        "Nothing was sent. Send the link to a number or address on file."
    ),
    "receipt_only_to_file": N_(
        "The caller is not proven, and {email} is not on file for this customer. "
        "No receipt was sent. Send it to the address on file."
    ),
    "customer_not_linked": N_("No customer is chosen for this call. Nothing was sent. Choose one first."),
    "account_closed": N_("This account is closed. Nothing was sent. Ask a supervisor."),
    "payment_unknown": N_("This payment is not known here. No payment was touched. Look in the payment log."),
    "invoice_unknown": N_(
        "Invoice {number} is not open for this customer. Nothing was sent. Load the invoices again."
    ),
    "promise_unknown": N_("This promise is not known here. Nothing was changed. Load the customer again."),
    "promise_over": N_(
        "This promise was kept or replaced already. Nothing was changed. It needs no withdrawing."
    ),
    # payment
    "invoices_changed": N_("What is owed has changed: {changes}. Nothing was sent. Agree the amount again."),
    "already_being_paid": N_(
        "Already being paid: payment {reference} for {amount} was started at {at} and is "
        "not finished. Nothing new was started. Finish or cancel it first."
    ),
    "already_paid": N_(
        "Already paid by payment {reference}; the accounts will show it soon. "
        "Nothing new was started. Do not take it again."
    ),
    "possible_duplicate": N_(
        "This may be a second payment: {agent} took {amount} at {at} on {card}, payment "
        "{reference}. Nothing new was started. Change the amount or ask a supervisor."
    ),
    "duplicate_decided": N_("{name} has decided this already. Nothing was changed. Look at the payment."),
    "not_your_own": N_("This is your own. Nothing was changed. Another supervisor has to decide."),
    "step_not_possible": N_(
        "This cannot be done now: the payment is {state}. Nothing new was started; "
        "what was sent before is being followed. Look at its present state."
    ),
    "alarm_changed": N_("The alarm says something else by now. Nothing was changed. Read it again."),
    "decision_too_early": N_(
        "The provider is still being asked until {at}. Nothing was changed. Decide it after that."
    ),
    "decision_charged": N_(
        "The provider shows a charge of this payment, of another amount or kind. "
        "Nothing was changed. Record it as charged with the amount the provider shows, then refund it here."
    ),
    "decision_other_amount": N_(
        "The provider shows {charged}, and not {agreed}. "
        "Nothing was changed. Record it with the amount that the provider shows."
    ),
    "decision_not_shown": N_(
        "The provider does not answer, and another amount counts only as it shows it. "
        "Nothing was changed. Try again soon."
    ),
    "decision_pending": N_(
        "The provider has this payment and has not decided it. Nothing was changed. "
        "Wait for it, or cancel it there."
    ),
    "decision_differs": N_(
        "The provider does not show this payment under {reference}. Nothing was changed. "
        "Check the reference and the amount."
    ),
    "refund_shown": N_(
        "The provider has this refund and has not ended it. Nothing was changed. Wait, or end it there."
    ),
    "fields_missing": N_("{fields} not in yet. Nothing was sent. Ask for it with F8."),
    "route_unknown": N_("This way to pay is not set up. Nothing was sent. Choose another."),
    "link_needs_number": N_("This call has no number to text. Nothing was sent. Ask the caller for one."),
    "link_needs_email": N_(
        "{email} is not an email address. Nothing was sent. Type it like name@example.com."
    ),
    "saved_cards_off": N_("No card is saved here. Nothing was changed. Take the payment without it."),
    "consent_changed": N_(
        "The words to read out have changed to version {wording}. Nothing was saved. "
        "Read the new ones to the caller."
    ),
    "consent_too_late": N_(
        "The card can be saved only until it is submitted. Nothing was saved. Ask again at the next payment."
    ),
    "saved_card_unknown": N_(
        "This card is not saved for this customer. Nothing was sent. Take the card by keypad or send a link."
    ),
    "saved_card_off": N_(
        "{card} cannot be charged: {reason} Nothing was sent. Take another card or send a link."
    ),
    "saved_card_refused": N_(
        "The bank has just refused {card} on this call. Nothing was sent. Take another card or send a link."
    ),
    "saved_card_needs_check": N_(
        "A saved card is charged only after the caller check. Nothing was sent. "
        "Do the check, or take the card by keypad."
    ),
    "link_way_off": N_("Links are not sent this way here. Nothing was sent. Choose another way."),
    "note_live_payment": N_(
        "A payment is still live on this call. It is being followed. Finish or cancel it first."
    ),
    "receipt_not_ready": N_(
        "There is no approved payment to write a receipt for. No receipt was sent. Wait for the outcome."
    ),
    "refund_nothing_taken": N_(
        "This payment is not approved, so there is nothing to refund. No refund was "
        "started; what was sent before is being followed. Look at its present state."
    ),
    "refund_other_mode": N_(
        "This payment was taken with real money and this hub is in test mode, or the reverse. "
        "No refund was started. Ask IT to refund it where it was taken."
    ),
    "refund_by_hand": N_(
        "A supervisor recorded this charge as {reference}; the provider has not confirmed it, "
        "so its refund could not be followed. No refund was started. Refund it there, or wait for its word."
    ),
    "refund_none_left": N_(
        "This payment is refunded in full, or the rest is on its way. Nothing new was "
        "started. Look at its refunds."
    ),
    "refund_too_much": N_(
        "{amount} is more than the {left} that can still be refunded. No refund was started. "
        "Lower the amount."
    ),
    "refund_over_limit": N_(
        "{amount} is over your limit of {limit}. No refund was started. What went back of this payment "
        "before counts, too. Lower it, or ask somebody with a higher limit."
    ),
    "refund_asked": N_(
        "{name} has asked for a refund of {amount} of this payment already. Nothing was sent. "
        "Wait for the decision."
    ),
    "refund_within_limit": N_("{amount} is within your limit. Nothing was sent. Refund it without asking."),
    "refund_decided": N_("{name} has decided this already. Nothing was sent. Look at the payment."),
    "promise_in_past": N_("{on} is over. Nothing was written down. Choose today or a later day."),
    "promise_too_far": N_(
        "{on} is more than {days} days away. Nothing was written down. Choose {latest} or an earlier day."
    ),
    "promise_made": N_(
        "This promise is written down already: {amount} by {on}. Nothing was changed. "
        "Make a new one to replace it."
    ),
    # rehearsals
    "rehearsal_not_here": N_(
        "Nobody can rehearse on this hub. Nothing was started. "
        "IT can provide one in test mode with a sandbox."
    ),
    "rehearsal_busy": N_("You have a call or another rehearsal. Nothing new was started. Finish it first."),
    "rehearsal_unknown": N_("This rehearsal is not one of yours. Nothing was changed. Load the list again."),
    "rehearsal_no_customer": N_(
        "No customer of the sandbox owes what this exercise needs. Nothing was started. "
        "Ask IT to reset the customers."
    ),
    "rehearsal_needs_routes": N_(
        "This exercise needs the keypad and payment links by text, and one of them is not set up here. "
        "Nothing was started. Ask IT."
    ),
    "rehearsal_needs_parts": N_(
        "Bills are not paid in part here. Nothing was started. Choose another exercise."
    ),
    "rehearsal_needs_limit": N_(
        "This exercise is for people who may give money back up to a limit. "
        "Nothing was started. Choose another exercise."
    ),
    "rehearsal_needs_payment": N_(
        "There is no payment over your limit to ask back. Nothing was started. "
        "A trainer without a limit takes one first, in a rehearsal."
    ),
    "rehearsal_unavailable": N_(
        "The pretended caller could not be reached. No real line was touched. Try again."
    ),
    # outside systems
    "accounts_unavailable": N_(
        "The accounts do not answer. Nothing was sent; what was taken is safe and waits. Try again soon."
    ),
    "customer_records_unavailable": N_(
        "The customer records do not answer. No payment was touched. Try again soon."
    ),
    "capture_unavailable": N_("The keypad service does not answer. Nothing was charged. Try again."),
    "phone_unavailable": N_(
        "The phone system does not answer. No payment was touched. Take the call on your phone."
    ),
    "webhook_refused": N_("This message is not signed by the provider. It was not used."),
    "wrong_mode": N_("A test message reached the live side, or the reverse. It was not used."),
    "wrong_account": N_("This message is about another account at the provider. It was not used."),
    "body_too_large": N_("This is too much at once. Nothing was stored. Send less."),
    "method_not_allowed": N_(
        "This cannot be done at this address. No payment was touched. Update the program that asked."
    ),
    "not_found": N_("There is nothing here. No payment was touched."),
    "internal": N_(
        "Something of ours went wrong (number {incident}). A payment already sent is being followed. "
        "Tell your supervisor the number."
    ),
    "database_unavailable": N_(
        "The hub’s database does not answer. Nothing new was started; a payment already "
        "sent is being followed. Try again in {seconds} s."
    ),
    "database_unsure": N_(
        "The hub’s database stopped answering. It is not known whether this was done; a "
        "payment already sent is being followed. Look at its state before you do it again."
    ),
    "hub_unreachable": N_(
        "Connection lost. Nothing new can start. A payment already sent is being followed by the server."
    ),
    # payment plans
    "plan_count": N_(
        "A payment plan has 2 to {most} payments, not {count}. Nothing was agreed. Choose another number."
    ),
    "plan_starts_today": N_(
        "{on} is not after today. Nothing was agreed. Take today’s part as a payment now, "
        "and start the plan on a later day."
    ),
    "plan_too_long": N_(
        "The last payment would be on {on}, later than {latest}. Nothing was agreed. Choose fewer payments."
    ),
    "plan_too_small": N_(
        "Each payment would be {amount}, under {least}. Nothing was agreed. Choose fewer payments."
    ),
    "plan_card_ends": N_(
        "{card} ends before the last payment on {on}. Nothing was agreed. "
        "Choose fewer payments or another card."
    ),
    "plan_total": N_(
        "The chosen invoices owe {owed}, not {total}. Nothing was agreed. Load the customer again and "
        "read the plan out once more."
    ),
    "plan_stands": N_(
        "There is a payment plan already, {reference}. Nothing was agreed. Cancel that one first."
    ),
    "plan_off": N_("Payment plans are switched off here. Nothing was agreed. Take a payment or a promise."),
    "plan_unknown": N_("This plan is not known here. Nothing was changed. Load the customer again."),
    "plan_over": N_(
        "This plan is {state}. Nothing was changed, and no more is taken by it. Load the customer again."
    ),
    "plan_not_next": N_(
        "Payment {number} is not the next one any more. Nothing was changed. Look at the plan again."
    ),
    "plan_posting": N_(
        "The accounts do not show payment {reference} of {number} yet. Nothing was agreed. Load the customer "
        "again in a moment."
    ),
    "plan_wording": N_(
        "The words to read out have changed since. Nothing was agreed. Load the customer again and read "
        "them out."
    ),
    "in_plan": N_(
        "{numbers} is paid by a payment plan, {reference}: next {amount} on {on}. Nothing was started. "
        "Pause the plan first, so that it is not taken twice."
    ),
}
