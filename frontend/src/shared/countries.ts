/** Local emergency numbers: small but seldom needed, so readers abroad fetch this at once, others on opening. */
import { countries } from "virtual:countries";

export interface Country {
  name: string;
  police: string;
  ambulance: string;
  fire: string;
  /** The last parts of its time zones: Tokyo, Hong_Kong. */
  cities: string[];
}

function parse(text: string): Country[] {
  return text.split("\n").map((row) => {
    const [name = "", police = "", ambulance = "", fire = "", cities = ""] = row.split("|");
    return { name, police, ambulance, fire, cities: cities.split(",") };
  });
}

export const COUNTRIES = parse(countries);

/** Police, ambulance and fire of a country by number, one entry where they share it. */
export function localNumbers(country: Country | null): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  if (country === null) return rows;
  const { police, ambulance, fire } = country;
  for (const [number, name] of [[ambulance, "急救"], [police, "报警"], [fire, "火警"]] as const) {
    rows.set(number, [...(rows.get(number) ?? []), name]);
  }
  return rows;
}

export function countryOf(timezone: string): Country | null {
  const city = timezone.split("/").pop() ?? "";
  return COUNTRIES.find((country) => country.cities.includes(city)) ?? null;
}
