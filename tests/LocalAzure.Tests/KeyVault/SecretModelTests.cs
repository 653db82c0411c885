using System.Globalization;
using Azure;
using FsCheck;
using FsCheck.Fluent;

namespace LocalAzure.Tests.KeyVault;

/// <summary>Any sequence of operations has the answers and the end state that a naive model of a vault has.</summary>
public sealed class SecretModelTests : IAsyncLifetime
{
    private Vault vault = null!;
    private int cases;

    public async Task InitializeAsync() => vault = await Vault.Start();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    public enum Verb
    {
        Set,
        Get,
        Disable,
        Enable,
        Delete,
        Recover,
        Purge,
        Restart,
    }

    [Fact]
    public void Any_sequence_of_operations_answers_as_the_model_does()
    {
        (int Weight, Verb Verb)[] weights =
        [
            (6, Verb.Set), (4, Verb.Get), (2, Verb.Disable), (2, Verb.Enable),
            (4, Verb.Delete), (3, Verb.Recover), (2, Verb.Purge), (1, Verb.Restart),
        ];
        var verbs = Gen.Frequency([.. weights.Select(one => (one.Weight, Gen.Constant(one.Verb)))]);
        var steps = from verb in verbs from name in Gen.Elements("a", "b") select (verb, name);

        Prop.ForAll(Gen.ListOf(steps).ToArbitrary(), sequence => Answers(sequence).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private async Task<bool> Answers(IEnumerable<(Verb Verb, string Name)> sequence)
    {
        var prefix = $"case{cases++}-";
        var model = new Dictionary<string, ModelSecret>();
        var value = 0;
        foreach (var (verb, letter) in sequence)
        {
            var (name, text) = ($"{prefix}{letter}", (value++).ToString(CultureInfo.InvariantCulture));
            var (expected, actual) = (Expect(model, verb, name, text), await Do(verb, name, text));
            actual.Should().Be(expected, "of {0} {1}", verb, name);
        }
        await EndsAs(model, prefix);
        return true;
    }

    private async Task EndsAs(Dictionary<string, ModelSecret> model, string prefix)
    {
        var active = await OfThisCase(vault.Secrets.GetPropertiesOfSecretsAsync().Select(secret => secret.Name));
        var deleted = await OfThisCase(vault.Secrets.GetDeletedSecretsAsync().Select(secret => secret.Name));
        active.Should().BeEquivalentTo(model.Where(s => !s.Value.Deleted).Select(s => s.Key));
        deleted.Should().BeEquivalentTo(model.Where(s => s.Value.Deleted).Select(s => s.Key));
        foreach (var name in active)
        {
            var versions = await vault.Secrets.GetPropertiesOfSecretVersionsAsync(name).Select(v => v.Enabled!.Value).ToListAsync();
            versions.Should().BeEquivalentTo(model[name].Versions.Select(v => v.Enabled));
        }

        ValueTask<List<string>> OfThisCase(IAsyncEnumerable<string> names) =>
            names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToListAsync();
    }

    private async Task<string> Do(Verb verb, string name, string value)
    {
        try
        {
            switch (verb)
            {
                case Verb.Set: return (await vault.Secrets.SetSecretAsync(name, value)).Value.Value;
                case Verb.Get: return (await vault.Secrets.GetSecretAsync(name)).Value.Value;
                case Verb.Disable: return await Patch(name, """{"attributes":{"enabled":false}}""");
                case Verb.Enable: return await Patch(name, """{"attributes":{"enabled":true}}""");
                case Verb.Delete: await vault.Secrets.StartDeleteSecretAsync(name); return "200";
                case Verb.Recover: await vault.Secrets.StartRecoverDeletedSecretAsync(name); return "200";
                case Verb.Purge: await vault.Secrets.PurgeDeletedSecretAsync(name); return "204";
                default: await vault.Restart(); return "restarted";
            }
        }
        catch (RequestFailedException refusal)
        {
            return $"{refusal.Status}";
        }
    }

    /// <summary>Of the newest version, which the secret client can't name without asking for it first.</summary>
    private async Task<string> Patch(string name, string change) =>
        (await vault.Send(HttpMethod.Patch, $"/secrets/{name}", change)).Status.ToString(CultureInfo.InvariantCulture);

    private static string Expect(Dictionary<string, ModelSecret> model, Verb verb, string name, string value)
    {
        var secret = model.GetValueOrDefault(name);
        switch (verb, secret)
        {
            case (Verb.Restart, _): return "restarted";
            case (Verb.Set, { Deleted: true }): return "409";
            case (Verb.Set, _):
                (model[name] = secret ?? new ModelSecret()).Versions.Add((value, true));
                return value;
            case (Verb.Recover or Verb.Purge, null or { Deleted: false }): return "404";
            case (Verb.Recover, _):
                secret.Deleted = false;
                return "200";
            case (Verb.Purge, _):
                model.Remove(name);
                return "204";
            case (_, null or { Deleted: true }): return "404";
            case (Verb.Get, _): return secret.Versions[^1].Enabled ? secret.Versions[^1].Value : "403";
            case (Verb.Delete, _):
                secret.Deleted = true;
                return "200";
            default:
                secret.Versions[^1] = (secret.Versions[^1].Value, verb == Verb.Enable);
                return "200";
        }
    }

    private sealed class ModelSecret
    {
        public List<(string Value, bool Enabled)> Versions { get; } = [];

        public bool Deleted { get; set; }
    }
}
