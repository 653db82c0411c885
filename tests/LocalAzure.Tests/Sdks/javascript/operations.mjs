// Every method of the classes that an SDK exports, as one line of JSON.
const sdk = await import(process.argv[2]);
const methods = Object.entries(sdk)
  .filter(([, exported]) => typeof exported === 'function' && exported.prototype)
  .flatMap(([, type]) => Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
    .filter(([name, property]) => name !== 'constructor' && typeof property.value === 'function')
    .map(([name]) => `${type.name}.${name}`));
console.log(JSON.stringify([...new Set(methods)].sort()));
