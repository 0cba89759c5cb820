/* The reports of a long period come one by one: ask for them at once, not at the next refresh. */
"use strict";
document.dispatchEvent(new Event("live:more"));
