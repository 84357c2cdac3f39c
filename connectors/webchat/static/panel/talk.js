/* What only those need who talk with us: fetched once they do. */

import { callback } from "./callback.js";
import { Uploads, attaching, carried } from "./files.js";
import { person } from "./person.js";

/** The sections between what was said and where one writes, in their order. */
export function talk(parts) {
  const { chat, writing } = parts;
  chat.uploads = new Uploads((item) => chat.upload(item), parts.update);
  writing.row.prepend(attaching(parts, writing.text, document.body));
  parts.carried = (line, grown) => carried(line, grown, parts);
  if (chat.lines.some((each) => each.files.length)) chat.life += 1;
  parts.calling = callback(parts);
  return [person(parts), parts.calling];
}
