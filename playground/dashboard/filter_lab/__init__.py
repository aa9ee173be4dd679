"""The Filter lab: event patterns tried on events, with each field's reason in a sentence, and fixes for the usual mistakes."""
