// The first visit: the browser knows in which time zone its writer lives.
const zone = document.querySelector("#z");
zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
