using System.Globalization;
using System.Net;
using CustomerFunctions.Access;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.SignIn;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ApiKeys;

/// <summary>
/// In every history of creating, rolling, changing, exchanging, revoking and leaking keys, what a key makes, directly or
/// through others, may do no more and lasts no longer than its maker. A failure prints its seed;
/// MADE_BY_KEYS_SEED runs it again.
/// </summary>
public sealed class MadeByKeysProperties(ITestOutputHelper output)
{
    private const int Histories = 2_000;
    private const int Steps = 60;

    [Fact]
    public void In_no_history_does_what_a_key_makes_exceed_its_maker()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MADE_BY_KEYS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var (made, refused, inGrace) = (0, 0, 0);
        for (var history = 0; history < Histories; history++)
        {
            var world = new World(new Random(unchecked(seed + history)));
            try { world.Live(Steps); }
            catch (Exception e) when (e is not OutOfMemoryException) { throw new Xunit.Sdk.XunitException($"MADE_BY_KEYS_SEED={seed}, history {history}: {e.Message}\n{string.Join('\n', world.Told)}"); }
            (made, refused, inGrace) = (made + world.MadeByKeys, refused + world.Refused, inGrace + world.RefusedInGrace);
        }
        output.WriteLine($"MADE_BY_KEYS_SEED={seed}: keys made {made} keys and values in {Histories} histories, and were refused {refused} times, {inGrace} of them in their grace");
        // The histories are worth something: keys make much, and are refused much.
        made.Should().BeGreaterThan(Histories);
        refused.Should().BeGreaterThan(Histories);
        inGrace.Should().BeGreaterThan(Histories / 10);
    }

    /// <summary>What somebody may at the most.</summary>
    private sealed record Bounds(IReadOnlySet<Permission> Scopes, IReadOnlyList<IPNetwork> Networks, DateTimeOffset? EndsAt)
    {
        private static readonly IReadOnlySet<Permission> Everything = ApiKeyRules.AllScopes.Select(name => Permissions.Find(name)!.Value).ToHashSet();

        public static Bounds Of(Principal principal) => new(principal.Scopes ?? Everything, principal.Networks, principal.EndsAt);

        public void ShouldHold(Principal principal, string what)
        {
            var other = Of(principal);
            other.Scopes.Should().BeSubsetOf(Scopes, "{0}", what);
            CustomerFunctions.Access.Networks.AreWithin(other.Networks, Networks).Should().BeTrue("{0} is used where its maker is not", what);
            if (EndsAt is { } end) { (other.EndsAt ?? DateTimeOffset.MaxValue).Should().BeOnOrBefore(end, "{0} outlives its maker", what); }
        }
    }

    /// <summary>A value or a token that somebody has got, and what its maker might when it was made; null when no key made it.</summary>
    private sealed record Credential(string Name, int Key, string Hash, MachineTicket? Ticket, Bounds? Maker);

    /// <summary>One customer's keys, under the rules that the routes follow.</summary>
    private sealed class World(Random dice)
    {
        private static readonly string[]?[] Scopes = [null, null, ["apiKeys.write", "tokens.exchange", "customers.read"], ["apiKeys.write", "customers.read"], ["customers.read"], ["apiKeys.write"]];
        private static readonly string[]?[] Places = [null, null, ["10.0.0.0/8"], ["10.1.0.0/16"], ["192.0.2.0/24"], ["10.1.0.0/16", "192.0.2.0/24"]];
        private static readonly TimeSpan?[] Ends = [null, null, TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(20), TimeSpan.FromDays(60)];
        private static readonly TimeSpan[] Lifetimes = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];
        private static readonly Principal Staff = new(PrincipalKind.Person, "acc_1", Role.Admin);

        private readonly List<ApiKey> keys = [];
        private readonly List<Credential> credentials = [];

        /// <summary>By key: what the last key that made or changed it might then; null when staff was the last.</summary>
        private readonly List<Bounds?> makers = [];
        private DateTimeOffset now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
        private int count;

        public List<string> Told { get; } = [];

        public int MadeByKeys { get; private set; }

        public int Refused { get; private set; }

        public int RefusedInGrace { get; private set; }

        public void Live(int steps)
        {
            Create(Staff, "staff");
            for (var step = 0; step < steps; step++)
            {
                var (name, caller, credential) = Somebody();
                Action act = dice.Next(12) switch
                {
                    0 or 1 or 2 => () => Create(caller, name),
                    3 or 4 or 5 => () => Roll(caller, name),
                    6 => () => Patch(caller, name),
                    7 or 8 => () => Exchange(caller, name, credential),
                    9 => () => Revoke(caller, name),
                    10 => Leak,
                    _ => Pass,
                };
                act();
                ShouldBeSound();
            }
        }

        private (string Name, Principal Caller, Credential? Credential) Somebody()
        {
            var good = credentials.Where(one => Authenticate(one) is not null).ToList();
            if (good.Count == 0 || dice.Next(4) == 0) { return ("staff", Staff, null); }
            var credential = good[dice.Next(good.Count)];
            return (credential.Name, Authenticate(credential)!, credential);
        }

        private Principal? Authenticate(Credential credential)
        {
            if (credential.Ticket?.ExpiresAt <= now) { return null; }
            var holder = keys[credential.Key].AsKeyHolder();
            if (holder.Match(new PresentedKey("", credential.Hash)) is not { } version || version.RefusalAt(now) is not null) { return null; }
            return credential.Ticket is { } ticket ? Authenticator.Confine(holder.As(version), ticket) : holder.As(version);
        }

        private void Create(Principal caller, string name)
        {
            var (scopes, networks, asked) = (Any(Scopes), Any(Places), now + Any(Ends));
            var endsAt = ApiKeyRules.EndOf(caller, asked);
            if (!MayChange(caller) || ApiKeyRules.RefuseEscalation(caller, scopes, networks, endsAt) is not null) { Refuse(caller); return; }
            var key = new ApiKey
            {
                Id = $"key_{keys.Count}", Type = ApiKey.DocumentType, CustomerId = "cus_1", Name = "made", Hash = NewHash(), LastFour = "aaaa", State = ApiKeyState.Active,
                Scopes = scopes, Networks = networks, ExpiresAt = endsAt, CreatedAt = now, CreatedBy = name,
            };
            keys.Add(key);
            makers.Add(BoundsOf(caller));
            Got(keys.Count - 1, key.Hash, caller, $"{name} creates {key.Id}: {Describe(key)}");
        }

        private void Roll(Principal caller, string name)
        {
            var (at, grace) = (dice.Next(keys.Count), Any(ApiKeyRules.Graces));
            var key = keys[at];
            if (!MayChange(caller) || ApiKeyRules.RefuseEscalation(caller, key.Scopes, key.Networks, key.ExpiresAt) is not null || key.StateAt(now) != ApiKeyState.Active || key.InGrace(now).Count() >= ApiKey.MaxInGrace) { Refuse(caller); return; }
            keys[at] = key.Roll(NewHash(), "aaaa", grace, name, now);
            Got(at, keys[at].Hash, caller, $"{name} rolls {key.Id} with {grace}");
        }

        private void Patch(Principal caller, string name)
        {
            var (at, scopes, networks, enabled) = (dice.Next(keys.Count), Any(Scopes), Any(Places), dice.Next(3) > 0);
            var key = keys[at];
            if (!MayChange(caller) || key.State == ApiKeyState.Revoked || ApiKeyRules.RefuseEscalation(caller, scopes, networks, key.ExpiresAt) is not null) { Refuse(caller); return; }
            keys[at] = key with { Scopes = scopes, Networks = networks, State = enabled ? ApiKeyState.Active : ApiKeyState.Disabled };
            makers[at] = BoundsOf(caller);
            // Who has changed the key answers for what its values may from now on; their end is as it was.
            for (var i = 0; i < credentials.Count; i++)
            {
                if (credentials[i].Key == at && credentials[i].Maker is { } maker) { credentials[i] = credentials[i] with { Maker = Bounds.Of(Staff) with { EndsAt = maker.EndsAt } }; }
            }
            Told.Add($"{name} changes {key.Id}: {Describe(keys[at])}");
        }

        private void Exchange(Principal caller, string name, Credential? credential)
        {
            if (credential is not { Ticket: null } shown || caller.Scopes?.Contains(Permission.TokensExchange) == false) { Refuse(caller); return; }
            var scopes = ApiKeyRules.AllScopes.Where(scope => caller.Scopes?.Contains(Permissions.Find(scope)!.Value) != false && dice.Next(3) > 0).ToList();
            var ticket = new MachineTicket("", shown.Hash, scopes, ApiKeyRules.TokenEnd(caller, Any(Lifetimes), now));
            ticket.ExpiresAt.Should().BeOnOrBefore(caller.EndsAt ?? DateTimeOffset.MaxValue);
            var token = new Credential($"token {++count}", shown.Key, shown.Hash, ticket, Bounds.Of(caller));
            credentials.Add(token);
            Told.Add($"{name} gets {token.Name} until {ticket.ExpiresAt:u}: {string.Join(' ', scopes)}");
        }

        private void Revoke(Principal caller, string name)
        {
            var at = dice.Next(keys.Count);
            if (!MayChange(caller)) { Refuse(caller); return; }
            keys[at] = keys[at].Revoke(name, now);
            Told.Add($"{name} revokes key_{at}");
        }

        private void Leak()
        {
            var found = credentials.Where(one => one.Ticket is null).ElementAt(dice.Next(credentials.Count(one => one.Ticket is null)));
            var response = dice.Next(3) == 0 ? LeakResponse.Revoke : LeakResponse.Grace;
            keys[found.Key] = keys[found.Key].Leaked(found.Hash, response, TimeSpan.FromHours(24), "desk", now) ?? keys[found.Key];
            Told.Add($"{found.Name} is found in public: {response}");
        }

        private void Pass()
        {
            now += Any([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(20), TimeSpan.FromHours(5), TimeSpan.FromDays(3)]);
            Told.Add($"it is {now:u}");
        }

        private void ShouldBeSound()
        {
            foreach (var credential in credentials)
            {
                if (Authenticate(credential) is not { } principal) { continue; }
                if (keys[credential.Key].ExpiresAt is { } end) { (principal.EndsAt ?? DateTimeOffset.MaxValue).Should().BeOnOrBefore(end, "{0} outlives its key", credential.Name); }
                credential.Maker?.ShouldHold(principal, credential.Name);
                makers[credential.Key]?.ShouldHold(principal, $"{credential.Name} of key_{credential.Key}");
            }
        }

        private void Got(int at, string hash, Principal caller, string told)
        {
            var bounds = BoundsOf(caller);
            caller.IsInGrace.Should().BeFalse("a replaced value makes nothing");
            if (bounds is not null) { MadeByKeys++; }
            credentials.Add(new Credential($"value {++count}", at, hash, null, bounds));
            Told.Add($"{told}, and gets value {count}");
        }

        private void Refuse(Principal caller)
        {
            Refused += BoundsOf(caller) is null ? 0 : 1;
            RefusedInGrace += caller.IsInGrace ? 1 : 0;
        }

        /// <summary>As the door and the middleware behind it decide for routes that change keys.</summary>
        private static bool MayChange(Principal caller) => caller.May(Permission.ApiKeysWrite, customer: null) && CurrentValueOnly.Refuse(caller) is null;

        private static Bounds? BoundsOf(Principal caller) => ReferenceEquals(caller, Staff) ? null : Bounds.Of(caller);

        private static string Describe(ApiKey key) => $"scopes {(key.Scopes is null ? "all" : string.Join(' ', key.Scopes))}, networks {(key.Networks is null ? "all" : string.Join(' ', key.Networks))}, end {key.ExpiresAt:u}, {key.State}";

        private string NewHash() => $"hash {keys.Count} {++count}";

        private T Any<T>(IReadOnlyList<T> from) => from[dice.Next(from.Count)];
    }
}
