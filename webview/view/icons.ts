// Small line drawings for buttons, 16 by 16, in the colour of the text around them.

const drawings = {
  send: 'M8 13.5V2.5M3.5 7 8 2.5 12.5 7',
  stop: 'M4 4H12V12H4Z',
  add: 'M8 2.5V13.5M2.5 8H13.5',
  copy: 'M5.5 5.5H13.5V13.5H5.5ZM10.5 5.5V2.5H2.5V10.5H5.5',
  insert: 'M2.5 3.5H13.5M2.5 12.5H13.5M2.5 8H8.5M11 5.5 8.5 8 11 10.5M8.5 8H13.5',
  apply: 'M8.5 2.5H3.5V13.5H12.5V8.5M6 8.5 8 10.5 13.5 4',
  file: 'M9 2.5H3.5V13.5H12.5V6ZM9 2.5V6H12.5M8 7.5V11.5M6 9.5H10',
  terminal: 'M2 3H14V13H2ZM4.5 6 6.5 8 4.5 10M8 10.5H11.5',
  preview:
    'M1.5 8C3.5 4.5 5.5 3.5 8 3.5 10.5 3.5 12.5 4.5 14.5 8 12.5 11.5 10.5 12.5 8 12.5 5.5 12.5 3.5 11.5 1.5 8ZM6 8A2 2 0 1 0 10 8 2 2 0 1 0 6 8',
  again: 'M13 3V6.5H9.5M12.6 6.5A5 5 0 1 0 13 8.5',
  check: 'M3 8.5 6.5 12 13 4.5',
  down: 'M8 2.5V13.5M3.5 9 8 13.5 12.5 9',
  back: 'M13.5 8H2.5M7 3.5 2.5 8 7 12.5',
  download: 'M8 2.5V10.5M4.5 7 8 10.5 11.5 7M2.5 13.5H13.5',
  verify: 'M8 1.5 13.5 3.5V8C13.5 11.2 11.2 13.5 8 14.5 4.8 13.5 2.5 11.2 2.5 8V3.5ZM5.5 8 7.3 9.8 10.7 6.2',
  folder: 'M1.5 3.5H6L7.5 5.5H14.5V12.5H1.5Z',
  remove: 'M3 4.5H13M6.5 4.5V2.5H9.5V4.5M4.5 4.5 5 13.5H11L11.5 4.5M6.8 7V11M9.2 7V11',
  pause: 'M5.5 3.5V12.5M10.5 3.5V12.5',
  resume: 'M5 3 12.5 8 5 13Z',
  edit: 'M2.5 13.5 3.2 10.3 11 2.5 13.5 5 5.7 12.8Z',
  history: 'M2.5 8A5.5 5.5 0 1 0 4.5 3.8M2.5 2.5V5H5M8 5V8L10.5 9.5',
  next: 'M6 3.5 10.5 8 6 12.5',
  previous: 'M10 3.5 5.5 8 10 12.5',
  compare: 'M6.5 3.5 3 7 6.5 10.5M9.5 5.5 13 9 9.5 12.5M3 7H9M13 9H7',
  close: 'M4 4 12 12M12 4 4 12',
  command: 'M3.5 4 7.5 8 3.5 12M8.5 12H13',
  attach: 'M12.5 7.5 8 12A2.8 2.8 0 0 1 4 8L8.8 3.2A1.9 1.9 0 0 1 11.5 5.9L7 10.4A1 1 0 0 1 5.6 9L9.5 5.1',
  document: 'M3.5 1.5H9.5L12.5 4.5V14.5H3.5ZM5.5 7.5H10.5M5.5 10.5H10.5',
  selection: 'M2.5 3H13.5M2.5 6.5H9M2.5 10H13.5M2.5 13.5H7',
  symbol: 'M8 2 13.5 5V11L8 14 2.5 11V5ZM2.5 5 8 8 13.5 5M8 8V14',
  problem: 'M8 2A6 6 0 1 0 8 14 6 6 0 1 0 8 2ZM8 5V8.5M8 10.75V11.25',
  changes: 'M8 2.5V9M4.75 5.75H11.25M4.75 12.5H11.25',
  paste: 'M5.5 3H3.5V13.5H12.5V3H10.5M5.5 1.75H10.5V4.5H5.5ZM5.5 7.5H10.5M5.5 10.5H10.5',
  picture: 'M2.5 3H13.5V13H2.5ZM2.5 11 6 7.5 8.5 10 10.5 8.5 13.5 11',
  workspace: 'M1.5 3.5H6L7.5 5.5H14.5V12.5H1.5ZM4.5 9H11.5',
  warning: 'M8 2 14.5 13.5H1.5ZM8 6.5V9.5M8 11.25V11.75',
};
export type IconName = keyof typeof drawings;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** A new picture; it says nothing to a screen reader, so what holds it needs a name. */
export function icon(name: IconName): SVGSVGElement {
  const picture = document.createElementNS(svgNamespace, 'svg');
  picture.setAttribute('viewBox', '0 0 16 16');
  picture.setAttribute('width', '16');
  picture.setAttribute('height', '16');
  picture.setAttribute('aria-hidden', 'true');
  picture.setAttribute('class', `icon icon-${name}`);
  const line = document.createElementNS(svgNamespace, 'path');
  line.setAttribute('d', drawings[name]);
  picture.append(line);
  return picture;
}
