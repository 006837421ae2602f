// Numbers as people read them. What is not known is a dash.

const DASH = "–";

const known = (write) => (value) => (value === null || value === undefined ? DASH : write(value));

const digits = (most) => new Intl.NumberFormat("en", { maximumFractionDigits: most });

const whole = digits(0);
const tenths = digits(1);

export const count = known((value) => whole.format(value));

export const rate = known((value) => (value < 10 ? tenths : whole).format(value));

export const percent = known((value) => `${(value < 0.1 ? tenths : whole).format(value * 100)} %`);

export const seconds = known((value) => {
  if (value === 0) return "0 s";
  if (value < 1) return `${(value < 0.01 ? tenths : whole).format(value * 1000)} ms`;
  return value < 120 ? `${tenths.format(value)} s` : `${tenths.format(value / 60)} min`;
});

export const bytes = known((value) => {
  if (value === 0) return "0";
  const mebibytes = value / 2 ** 20;
  return mebibytes < 1024 ? `${whole.format(mebibytes)} MiB` : `${tenths.format(mebibytes / 1024)} GiB`;
});

export const duration = known((value) => {
  const minutes = Math.floor(value / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min` : `${Math.floor(value)} s`;
});

export const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false });
