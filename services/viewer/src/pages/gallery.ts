// The page of the list: /.

import { renewAfter, Session } from "../api/session";
import { readGalleryPage } from "../gallery/data";
import { Gallery } from "../gallery/gallery";

// Loaded anew, the page leads to signing in, or says what has ended.
new Session(() => location.reload()).keep(renewAfter());
void new Gallery(readGalleryPage()).start();
