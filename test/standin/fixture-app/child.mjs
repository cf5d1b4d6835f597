// A utility process: it has `process.parentPort` and nothing of a forked child.
const [argument] = process.argv.slice(2);
console.log(`child ${argument} ${process.type}`);
console.error(typeof process.send);
process.parentPort.on('message', ({ data }) => {
  process.parentPort.postMessage({ kind: data.numbers.constructor.name, sum: data.numbers[0] + data.numbers[1] });
  if (argument === 'end') process.exit(7);
});
