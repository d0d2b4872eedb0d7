import type { BackboneSummary } from '../../../lib/contracts/http.ts';

import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { text } from '../../strings.ts';

/** The backbones of the catalogue with what matters for choosing one. Those whose weights are stored come first. */
export function BackboneChoice({ chosen, onChoose }: { readonly chosen: string; readonly onChoose: (name: string) => void }) {
  const { value, error } = useLoaded('backbones', (client) => client.backbones.list());
  if (value === undefined) return <Unloaded error={error} />;
  const sorted = value.backbones.toSorted((a, b) => rank(a) - rank(b));
  return (
    <fieldset class="plain">
      <legend class="label">{text.train.backbone}</legend>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard */}
      <div class="backbones" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>{text.train.backboneName}</th>
              <th class="right">{text.train.parameters}</th>
              <th class="right">{text.train.speed}</th>
              <th class="hide-narrow">{text.train.licence}</th>
              <th class="hide-narrow">{text.train.weights}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((backbone) => (
              <tr key={backbone.name}>
                <td>
                  <label>
                    <input
                      type="radio"
                      name="backbone"
                      checked={backbone.name === chosen}
                      onChange={() => onChoose(backbone.name)}
                    />
                    <span class="mono">{backbone.name}</span>
                  </label>
                </td>
                <td class="right number">{`${(backbone.parameters / 1e6).toFixed(1)} M`}</td>
                <td class="right number">
                  {backbone.speed === undefined
                    ? text.train.notMeasured
                    : text.train.imagesPerSecond(backbone.speed.imagesPerSecond)}
                </td>
                <td class="hide-narrow">{backbone.licence}</td>
                <td class="hide-narrow">{backbone.weights.length > 0 ? text.train.stored : text.train.download}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </fieldset>
  );
}

function rank({ weights }: BackboneSummary): number {
  return weights.length > 0 ? 0 : 1;
}
