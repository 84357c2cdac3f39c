/* What is said to visitors, in their language. */

/** The first of the visitor's languages that there is a file for; English otherwise. */
export function choose(wanted, known) {
  for (const each of wanted) {
    for (const tag of [each, each.split("-")[0]]) if (known.includes(tag)) return tag;
  }
  return "en";
}

/** Fetch a language. */
export async function language(tag, version) {
  const own = await fetched(tag, version);
  const plural = new Intl.PluralRules(tag);
  const find = (key) => own[key] ?? key;
  return {
    tag,
    dir: own.dir ?? "ltr",
    find,
    /** What a code of the desk's means, if there are words for it. */
    why(code, otherwise = "failed") {
      const found = own[code];
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
  const far = new Intl.DateTimeFormat(locale, { dateStyle: "full" });
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
  return {
    hour: (at) => hour.format(at),
    same: (one, other) => midnight(one) === midnight(other),
    day(at) {
      const days = Math.round((midnight(at) - midnight(Date.now())) / 86_400_000);
      return days > -2 ? near.format(Math.min(days, 0), "day") : far.format(at);
    },
  };
}
