// Names of symbols in spans of code of an answer. Whether there are such symbols, the host knows. Pure.

/** A name as it is written, without what it is called with. */
export interface WrittenSymbol {
  /** `orderTotal`, `Stock.add`, `add()`. */
  symbol: string;
  /** It can hardly be anything but a name of the workspace, so that it is marked when there is none. */
  sure: boolean;
}

const symbolCharsMax = 200;
/** Shorter names stand for anything. */
const lettersMin = 2;
const sureLettersMin = 5;

const part = String.raw`[\p{L}_$][\p{L}\p{M}\p{N}_$]*`;
/** "new Stock(items)", "stock.add<T>(item)", "Stock::add", "class Stock". */
const symbolPattern = new RegExp(
  String.raw`^(?:(?:new|await|class|interface|function|def|fn|func|enum|struct|trait)\s+)?` +
    String.raw`(${part}(?:(?:\??\.|::|->|#)${part}){0,8})(?:<[^()<>]{0,80}>)?(\(.*\))?;?$`,
  'u',
);

/** Of the languages that people write most; none is a name of the workspace's own. */
const keywords = new Set(
  (
    'abstract and any as assert async await base bool boolean break byte case catch char class const constexpr continue debugger declare ' +
    'def default defer del delete do double dyn elif else elseif end enum except export extends extern false final finally float fn for ' +
    'foreach from func function global go goto if impl implements import in include inline instanceof int interface internal is lambda let ' +
    'long loop match mod module move mut mutable namespace native never new nil none nonlocal not null number object of operator or ' +
    'override package pass private protected pub public raise range readonly ref register require return sealed self short signed sizeof ' +
    'static str string struct super switch symbol template this throw throws trait true try type typedef typeof undefined union unknown ' +
    'unsafe unsigned use using var virtual void volatile where while with yield'
  ).split(' '),
);
/** Products, and names that come with a language or are as good as part of it: the workspace need not write them anywhere. */
const wellKnown = new Set(
  (
    'JavaScript TypeScript CoffeeScript NodeJS GitHub GitLab VSCode WebAssembly WebGL WebGPU WebSocket PostgreSQL MySQL SQLite MongoDB ' +
    'GraphQL OpenAI PyTorch TensorFlow NumPy macOS iOS iPadOS LaTeX DevTools ' +
    'setTimeout clearTimeout setInterval clearInterval setImmediate queueMicrotask structuredClone requestAnimationFrame ' +
    'cancelAnimationFrame requestIdleCallback addEventListener removeEventListener dispatchEvent preventDefault stopPropagation ' +
    'querySelector querySelectorAll getElementById createElement appendChild removeChild replaceChildren innerHTML innerText textContent ' +
    'classList className localStorage sessionStorage indexedDB encodeURIComponent decodeURIComponent encodeURI decodeURI parseInt ' +
    'parseFloat isNaN isFinite isArray toString toLocaleString valueOf hasOwnProperty isPrototypeOf defineProperty fromEntries ' +
    'getOwnPropertyNames charAt charCodeAt codePointAt indexOf lastIndexOf includes startsWith endsWith padStart padEnd replaceAll ' +
    'matchAll toLowerCase toUpperCase trimStart trimEnd forEach reduceRight flatMap findIndex findLast findLastIndex copyWithin ' +
    'toSorted toReversed toSpliced toFixed toPrecision toISOString toJSON getTime getFullYear allSettled isInteger isSafeInteger ' +
    'globalThis instanceOf typeOf keyof bigint BigInt WeakMap WeakSet WeakRef ArrayBuffer SharedArrayBuffer DataView TypedArray ' +
    'Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array BigInt64Array TypeError RangeError ' +
    'SyntaxError ReferenceError EvalError URIError AggregateError RegExp AbortController AbortSignal FormData URLSearchParams ' +
    'XMLHttpRequest ReadableStream WritableStream TransformStream TextEncoder TextDecoder MutationObserver IntersectionObserver ' +
    'ResizeObserver EventTarget EventEmitter CustomEvent MessageChannel BroadcastChannel HTMLElement ReadonlyArray ReadonlyMap ' +
    'ReadonlySet PropertyKey ReturnType NonNullable readFile readFileSync writeFile writeFileSync mkdirSync existsSync readdirSync ' +
    'createServer createReadStream createWriteStream nextTick useState useEffect useMemo useCallback useRef useContext useReducer ' +
    'useLayoutEffect useId forwardRef createContext createRoot defineProps defineEmits onMounted beforeEach afterEach beforeAll afterAll ' +
    'toBe toEqual toHaveBeenCalled mockImplementation ' +
    'isinstance issubclass getattr setattr hasattr delattr enumerate staticmethod classmethod property dataclass namedtuple defaultdict ' +
    'OrderedDict ValueError KeyError IndexError AttributeError NotImplementedError RuntimeError FileNotFoundError StopIteration ' +
    'ZeroDivisionError ImportError NameError OSError IOError async_generator read_text write_text ' +
    'ArrayList HashMap HashSet LinkedList LinkedHashMap TreeMap StringBuilder NullPointerException IllegalArgumentException ' +
    'IllegalStateException IOException InterruptedException RuntimeException hashCode compareTo getClass toList ' +
    'println printf sprintf fprintf malloc calloc realloc sizeof memcpy memset strlen strcmp nullptr unique_ptr shared_ptr make_unique ' +
    'make_shared push_back emplace_back string_view unordered_map size_t uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t ' +
    'int64_t static_cast dynamic_cast reinterpret_cast const_cast to_string unwrap_or unwrap_or_else map_err and_then or_else into_iter ' +
    'iter_mut as_str as_ref as_mut to_owned BTreeMap RefCell PhantomData'
  ).split(' '),
);

/** The name that a span of code is, as a whole. */
export function symbolOfCode(code: string): WrittenSymbol | undefined {
  const text = code.trim();
  if (text.length > symbolCharsMax) return undefined;
  const match = symbolPattern.exec(text);
  const name = match?.[1]?.replaceAll('?.', '.');
  if (name === undefined) return undefined;
  const parts = name.split(/\.|::|->|#/);
  const own = parts.at(-1) as string;
  const letters = own.match(/\p{L}/gu)?.length ?? 0;
  if (letters < lettersMin || (parts.length === 1 && keywords.has(own.toLowerCase()))) return undefined;
  const isCalled = match?.[2] !== undefined;
  return {
    symbol: isCalled ? `${name}()` : name,
    sure: letters >= sureLettersMin && (isCalled || hasSeveralWords(own)) && !isWellKnown(own),
  };
}

/** As names of code are made of words, and those of prose and constants of the system are not. */
function hasSeveralWords(name: string): boolean {
  return /\p{Ll}[\p{Lu}\p{N}]*\p{Lu}|\p{Ll}\p{N}*_+[\p{Ll}\p{N}]/u.test(name);
}

function isWellKnown(name: string): boolean {
  return wellKnown.has(name) || keywords.has(name.toLowerCase());
}
