/** Runs before the first paint, so that the page does not flash in the other theme. */
try {
  const chosen = localStorage.getItem('graft-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // The browser allows the page no storage: the theme follows the system.
}

export {};
