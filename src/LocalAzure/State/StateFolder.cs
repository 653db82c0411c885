namespace LocalAzure.State;

/// <summary>The folder that LocalAzure keeps everything in: one folder, one running LocalAzure.</summary>
internal sealed class StateFolder : IDisposable
{
    private const string Marker = ".local-azure";
    private readonly FileStream held;

    private StateFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    public string Cosmos => Folder("cosmos");

    public string KeyVault => Folder("keyvault");

    public string ResourceManager => Folder("arm");

    public string Graph => Folder("graph");

    public string Azurite => Folder("azurite");

    public string Identity => Folder("identity");

    public string Tls => Folder("tls");

    public string Logs => Folder("logs");

    public string Timers => Folder("timers");

    public string Clock => File("clock");

    public string TokenKey => File("token-key");

    public string MasterKey => File("master-key");

    public string ScanningKey => File("scanning-key");

    public string AdminPassword => File("admin-password");

    public string Endpoints => File("endpoints.json");

    public string Children => File("children.json");

    public string Seeded => File("seeded");

    /// <summary>
    /// Opens the folder, or makes it. A folder that holds other people's files is refused: a slip in <c>--state</c> must not
    /// mix with them, nor <c>--reset</c> delete them.
    /// </summary>
    public static StateFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var marker = System.IO.Path.Combine(full, Marker);
        try
        {
            if (Directory.Exists(full) && !System.IO.File.Exists(marker) && Directory.EnumerateFileSystemEntries(full).Any())
            {
                throw new StartRefused($"The folder {full} is not empty and not a state folder of LocalAzure; nothing in it was touched.");
            }
            Directory.CreateDirectory(full);
            return new StateFolder(full, Hold(marker, full));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartRefused($"The state folder {full} can't be used: {e.Message}", e);
        }
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Deletes everything but the marker.</summary>
    public void Reset()
    {
        try
        {
            foreach (var directory in Directory.EnumerateDirectories(Path)) { Directory.Delete(directory, recursive: true); }
            foreach (var file in Directory.EnumerateFiles(Path).Where(file => System.IO.Path.GetFileName(file) != Marker)) { System.IO.File.Delete(file); }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartRefused($"The state folder {Path} can't be emptied: {e.Message}", e);
        }
    }

    public void Dispose() => held.Dispose();

    /// <summary>The marker is also the lock: the system lets go of it however its holder ends.</summary>
    private static FileStream Hold(string marker, string folder)
    {
        try { return new FileStream(marker, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e) { throw new StartRefused($"Another LocalAzure is running on the state folder {folder}.", e); }
    }

    private string Folder(string name) => Directory.CreateDirectory(File(name)).FullName;
}
