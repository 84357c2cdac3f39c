/* What is said to visitors, in their language. */

/** The first of the visitor's languages that there is a file for; English otherwise. */
export function choose(wanted, known) {
  for (const each of wanted) {
    for (const tag of [each, each.split("-")[0]]) if (known.includes(tag)) return tag;
  }
  return "en";
}

/** Fetch a language. What it does not say is said in English. */
export async function language(tag, version) {
  const [own, english] = await Promise.all([fetched(tag, version), tag === "en" ? {} : fetched("en", version)]);
  const plural = new Intl.PluralRules(tag);
  const find = (key) => own[key] ?? english[key] ?? key;
  return {
    tag,
    dir: own.dir ?? "ltr",
    find,
    /** What a code of the desk's means, if there are words for it. */
    why(code, otherwise = "failed") {
      const found = own[code] ?? english[code];
      return typeof found === "string" ? found : find(otherwise);
    },
    /** A sentence; `{n}` chooses its plural form. */
    say(key, values = {}) {
      const found = find(key);
      const text = typeof found === "string" ? found : (found[plural.select(values.n)] ?? found.other);
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    },
  };
}

async function fetched(tag, version) {
  try {
    const response = await fetch(`/static/languages/${tag}.json?${version}`);
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}

/** Days and times as the visitor writes them, whatever the language of the words. */
export function times(locale) {
  const hour = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const near = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const far = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const farther = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const unit = (name) => new Intl.NumberFormat(locale, { style: "unit", unit: name, maximumFractionDigits: 1 });
  const [kilobytes, megabytes] = [unit("kilobyte"), unit("megabyte")];
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
  return {
    hour: (at) => hour.format(at),
    size: (bytes) => (bytes < 100_000 ? kilobytes.format(bytes / 1e3) : megabytes.format(bytes / 1e6)),
    same: (one, other) => midnight(one) === midnight(other),
    day(at) {
      const days = Math.round((midnight(at) - midnight(Date.now())) / 86_400_000);
      if (days > -2) return near.format(Math.min(days, 0), "day");
      return (days > -300 ? far : farther).format(at);
    },
  };
}
