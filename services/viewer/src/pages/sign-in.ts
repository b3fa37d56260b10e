// In place of a slide's page, for who must sign in first. What an address's fragment says reaches no server, and is lost in an
// identity provider's forms: it is kept in this tab, and the page goes where its one link leads.

import { keepPlace } from "../share/kept-place";
import { ProviderTrip } from "../share/provider-trip";

const goes = ProviderTrip.here().begin();
// Back from a trip that did not lead in, the address has lost its fragment already: what was kept for it counts.
if (goes || location.hash !== "") keepPlace();
const link = document.querySelector<HTMLAnchorElement>("#sign-in");
// Replaced, so that "back" does not lead here, and on at once.
if (goes && link !== null) location.replace(link.href);
