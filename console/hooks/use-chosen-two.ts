import { useState } from 'preact/hooks';

/** The items that a person chooses to compare: two at most. A third one takes the place of the first. */
export function useChosenTwo<Item>() {
  const [chosen, setChosen] = useState<readonly Item[]>([]);

  function toggle(item: Item): void {
    setChosen(chosen.includes(item) ? chosen.filter((each) => each !== item) : [...chosen.slice(-1), item]);
  }

  return { chosen, toggle };
}
