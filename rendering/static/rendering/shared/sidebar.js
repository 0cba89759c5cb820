/* Runs before the side bar is drawn and opens it if it was left open, so that nothing moves when Django's own script,
   which comes after the page, does the same. */
"use strict";
document.getElementById("main").classList.toggle("shifted", localStorage.getItem("django.admin.navSidebarIsOpen") !== "false");
