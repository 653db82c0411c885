using LocalAzure.Identity;

namespace LocalAzure;

/// <summary>
/// What every emulated service is given. An emulator is a class with <c>Open(EmulatorEnvironment)</c> and <c>Task Handle(HttpContext)</c>;
/// the listener in front of it counts the request and applies faults on demand, so an emulator only ever sees requests that reached it.
/// </summary>
/// <param name="StateDirectory">The emulator's own folder below <c>--state</c>; it exists.</param>
/// <param name="Clock">The test clock: every stored instant (<c>_ts</c>, secret dates, TTL) comes from it.</param>
/// <param name="Tokens">Issues and checks bearer tokens.</param>
/// <param name="Log">The emulator's log; never a secret value, a key or a token in it.</param>
internal sealed record EmulatorEnvironment(string StateDirectory, TimeProvider Clock, TokenAuthority Tokens, ILogger Log);
