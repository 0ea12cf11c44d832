/** Builds the clinicians' numbers into the bundle, so that they show with the server away. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { parse } from "yaml";

const CONTENT = resolve(import.meta.dirname, "../../content");
const HOTLINES = "virtual:hotlines";
const COUNTRIES = "virtual:countries";

interface YamlHotline {
  id: string;
  number: string;
  numbers_abroad: string[];
  name: string;
  kind: string;
  for: string;
  hours_text: string;
  hours: { timezone: string; weekly: { days: number[]; from: string; to: string }[] } | null;
  status: "show" | "unverified";
}

interface YamlCountry {
  name: string;
  police: string;
  ambulance: string;
  fire: string;
  timezones: string[];
}

function read(name: string): unknown {
  return parse(readFileSync(resolve(CONTENT, name), "utf8"));
}

/** The lines of hotlines.yml that may be shown, with only the fields the page draws. */
export function bundledHotlines(): object[] {
  const { hotlines } = read("hotlines.yml") as { hotlines: YamlHotline[] };
  return hotlines
    .filter((line) => line.status === "show")
    .map((line) => ({
      number: line.number,
      abroad: line.numbers_abroad,
      name: line.name,
      kind: line.kind,
      what: line.for,
      hoursText: line.hours_text,
      hours: line.hours,
    }));
}

/** One text line a country: name|police|ambulance|fire|city,city (compact, the page splits it; a zone's city tells it). */
export function bundledCountries(): string {
  const { countries } = read("emergency_numbers.yml") as { countries: YamlCountry[] };
  return countries
    .map((c) => [c.name, c.police, c.ambulance, c.fire, c.timezones.map((zone) => zone.split("/").pop()).join(",")].join("|"))
    .join("\n");
}

export function emergencyContent(): Plugin {
  return {
    name: "xinyi-emergency-content",
    resolveId: (id) => (id === HOTLINES || id === COUNTRIES ? `\0${id}` : null),
    load(id) {
      if (id === `\0${HOTLINES}`) return `export const hotlines = ${JSON.stringify(bundledHotlines())};`;
      if (id === `\0${COUNTRIES}`) return `export const countries = ${JSON.stringify(bundledCountries())};`;
      return null;
    },
  };
}
