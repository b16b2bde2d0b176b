"""Twilio: card sessions on a call, its signed callbacks, and the call recorder."""
