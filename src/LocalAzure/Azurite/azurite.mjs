// Starts Azurite's tables in this process, says on which port they listen, and ends when whoever started it is gone.
import net from 'node:net';

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  this.once('listening', () => console.log(`listening on port ${this.address().port}`));
  return listen.apply(this, args);
};

// The other end of this pipe closes however its process ends, a kill -9 included. SIGINT is what Azurite saves and closes on.
process.stdin.on('end', () => {
  process.emit('SIGINT');
  setTimeout(() => process.exit(0), 2000).unref();
});
process.stdin.resume();

await import('./node_modules/azurite/dist/src/table/main.js');
