using LocalAzure.KeyVault;
using LocalAzure.Tests.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace LocalAzure.Tests.KeyVault;

public sealed class SecretDurabilityTests : IAsyncLifetime
{
    private Vault vault = null!;

    public async Task InitializeAsync() => vault = await Vault.Start();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    [Fact]
    public async Task Everything_acknowledged_is_in_the_file_before_the_answer()
    {
        await vault.Secrets.SetSecretAsync("first", "one");
        await vault.Secrets.SetSecretAsync("second", "two");
        await vault.Secrets.StartDeleteSecretAsync("second");
        // What a kill would leave behind: the file as the operating system has it now, with the emulator still holding it open.
        using var left = new TemporaryFolder();
        await using (var source = new FileStream(vault.JournalPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        await using (var target = File.Create(left["secrets.journal"]))
        {
            await source.CopyToAsync(target);
        }

        using var reopened = KeyVaultEmulator.Open(new(left.Path, vault.Clock, vault.Tokens, NullLogger.Instance));

        reopened.Summary().Should().BeEquivalentTo(vault.Emulator.Summary());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0123ABCD {\"$type\":\"purged\",\"name\":\"kept\"}\n")]
    [InlineData("garbage\n")]
    [InlineData("\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task A_last_line_that_was_cut_off_is_dropped_and_writing_goes_on(string tail)
    {
        await vault.Secrets.SetSecretAsync("kept", "one");

        await vault.Restart(() => File.AppendAllText(vault.JournalPath, tail));

        (await vault.Secrets.GetSecretAsync("kept")).Value.Value.Should().Be("one");
        await vault.Secrets.SetSecretAsync("kept", "two");
        await vault.Restart();
        (await vault.Secrets.GetSecretAsync("kept")).Value.Value.Should().Be("two");
    }

    [Fact]
    public async Task Dates_properties_and_the_current_version_outlive_a_restart()
    {
        var first = (await vault.Secrets.SetSecretAsync("full", "one")).Value;
        first.Properties.Tags["keyId"] = "key1";
        first.Properties.Enabled = false;
        await vault.Secrets.UpdateSecretPropertiesAsync(first.Properties);
        var second = (await vault.Secrets.SetSecretAsync("full", "two")).Value;
        var before = vault.Emulator.Summary();
        vault.Clock.Advance(TimeSpan.FromDays(1));

        await vault.Restart();

        (await vault.Secrets.GetSecretAsync("full", second.Properties.Version)).Value.Value.Should().Be("two");
        (await vault.Secrets.GetSecretAsync("full")).Value.Value.Should().Be("two");
        vault.Emulator.Summary().Should().BeEquivalentTo(before);
        var versions = await vault.Secrets.GetPropertiesOfSecretVersionsAsync("full").ToListAsync();
        versions.Single(v => v.Version == first.Properties.Version).Tags.Should().ContainKey("keyId");
    }

    [Fact]
    public async Task A_backup_from_before_a_restart_still_restores()
    {
        await vault.Secrets.SetSecretAsync("saved", "one");
        var backup = (await vault.Secrets.BackupSecretAsync("saved")).Value;
        await vault.Secrets.StartDeleteSecretAsync("saved");
        await vault.Secrets.PurgeDeletedSecretAsync("saved");

        await vault.Restart();
        await vault.Secrets.RestoreSecretBackupAsync(backup);

        (await vault.Secrets.GetSecretAsync("saved")).Value.Value.Should().Be("one");
    }

    [Fact]
    public async Task A_long_journal_is_shortened_at_the_next_start_and_says_the_same()
    {
        var properties = (await vault.Secrets.SetSecretAsync("busy", "value")).Value.Properties;
        for (var i = 0; i < 1100; i++)
        {
            properties.ContentType = $"type {i}";
            await vault.Secrets.UpdateSecretPropertiesAsync(properties);
        }
        await vault.Secrets.SetSecretAsync("gone", "value");
        await vault.Secrets.StartDeleteSecretAsync("gone");
        var before = vault.Emulator.Summary();

        await vault.Restart();
        string[] lines = [];
        await vault.Restart(() => lines = File.ReadAllLines(vault.JournalPath));

        lines.Should().HaveCount(3);
        vault.Emulator.Summary().Should().BeEquivalentTo(before);
        (await vault.Secrets.GetSecretAsync("busy")).Value.Properties.ContentType.Should().Be("type 1099");
    }

    [Fact]
    public async Task Concurrent_sets_of_one_secret_all_become_versions()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => vault.Secrets.SetSecretAsync("contended", $"{i}")));

        await vault.Restart();

        (await vault.Secrets.GetPropertiesOfSecretVersionsAsync("contended").CountAsync()).Should().Be(40);
    }
}
