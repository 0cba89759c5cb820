"""Revisions, groups, parts, orientations and archives of products, and how CAD files are read: the schema since 0.1.0."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import media_assets.models.cad_file
from django.conf import settings
from django.db import migrations, models
from django.db.models import Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, NullIf

from media_assets.models.cad_file import names_of_parts

UP = {
    "SolidWorks": "y",
    "Inventor": "y",
    "Creo": "y",
    "Pro/ENGINEER": "y",
    "CATIA": "z",
    "Unigraphics": "z",
    "Solid Edge": "z",
}
BATCH = 1000


def keep_converter(apps, schema_editor):
    """What was read before keeps its reader, so that no picture becomes stale; what failed is read by the new one."""
    cad_files = apps.get_model("media_assets", "CadFile").objects.using(schema_editor.connection.alias)
    cad_files.filter(state="ready").update(converter=4)


def name_systems(apps, schema_editor):
    """Files say which CAD system they are from; what usually is up there is sure of these."""
    alias = schema_editor.connection.alias
    systems = apps.get_model("media_assets", "SourceSystem").objects.using(alias)
    systems.bulk_create(systems.model(name=name, up=up) for name, up in UP.items())
    told = Coalesce(NullIf(KT("report__originating_system"), Value("")), KT("report__preprocessor"), Value(""))
    cad_files = apps.get_model("media_assets", "CadFile").objects.using(alias)
    cad_files.update(source_system=Left(told, 200))


def number_revisions(apps, schema_editor):
    """Products of before have had the CAD files that their pictures are of, and their current one."""
    alias = schema_editor.connection.alias

    def rows(name):
        return apps.get_model("media_assets", name).objects.using(alias).order_by()

    had = rows("MediaAsset").filter(product__isnull=False, cad_file__isnull=False)
    pairs = {*had.values_list("product", "cad_file").distinct()}
    current = {pk: (file, since) for pk, file, since in rows("Product").values_list("pk", "cad_file", "revised") if file}
    pairs |= {(pk, file) for pk, (file, _) in current.items()}
    created = dict(rows("CadFile").values_list("pk", "created"))
    Revision = apps.get_model("media_assets", "ProductRevision")
    found, numbers = [], {}
    # The current one comes last, however old its file is.
    for product, file in sorted(pairs, key=lambda one: (one[0], current.get(one[0], (0,))[0] == one[1], created[one[1]])):
        numbers[product] = numbers.get(product, 0) + 1
        now, since = current.get(product, (None, None))
        when = since if since and now == file else created[file]
        found.append(Revision(product_id=product, cad_file_id=file, number=numbers[product], since=when))
    rows("ProductRevision").bulk_create(found, batch_size=BATCH)


def name_parts(apps, schema_editor):
    """Searches find the parts of files of before, too."""
    CadFile = apps.get_model("media_assets", "CadFile")
    rows = CadFile.objects.using(schema_editor.connection.alias).exclude(tree={})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), 100):  # a tree may be large
        some = list(rows.filter(pk__in=ids[start : start + 100]).only("pk", "tree"))
        for one in some:
            one.part_names = names_of_parts(one.tree)
        rows.model.objects.using(schema_editor.connection.alias).bulk_update(some, ["part_names"])


def add(model_name, **fields):
    return [migrations.AddField(model_name, name, field) for name, field in fields.items()]


class Migration(migrations.Migration):

    replaces = [
        ('media_assets', '0002_spelling'),
        ('media_assets', '0003_error_details'),
        ('media_assets', '0004_reading_options'),
        ('media_assets', '0005_archived'),
        ('media_assets', '0006_last_used'),
        ('media_assets', '0007_orientation'),
        ('media_assets', '0008_revisions_and_groups'),
        ('media_assets', '0009_identifiers'),
        ('media_assets', '0010_models'),
        ('media_assets', '0011_section'),
        ('media_assets', '0012_parts'),
        ('media_assets', '0013_customer_access'),
        ('media_assets', '0014_exploded_view'),
        ('media_assets', '0015_spins'),
        ('media_assets', '0016_drawing'),
        ('media_assets', '0017_passes'),
        ('media_assets', '0018_balloons'),
        ('media_assets', '0019_book'),
        ('media_assets', '0020_rows'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('media_assets', '0001_squashed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SourceSystem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As “CAD system” on the page of a CAD file has it; part of it is enough. The longest name that fits counts.', max_length=100, unique=True, verbose_name='name')),
                ('up', models.CharField(choices=[('z', 'Z axis'), ('x', 'X axis'), ('y', 'Y axis'), ('-x', 'X axis, upside down'), ('-y', 'Y axis, upside down'), ('-z', 'Z axis, upside down')], default='z', help_text='The axis that points up in pictures', max_length=2, verbose_name='up')),
            ],
            options={
                'verbose_name': 'CAD system',
                'verbose_name_plural': 'CAD systems',
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='sourcesystem_has_name'), models.CheckConstraint(condition=models.Q(('up__in', ['x', 'y', 'z', '-x', '-y', '-z'])), name='sourcesystem_known_up')],
            },
        ),
        migrations.CreateModel(
            name='Collection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, validators=[django.core.validators.RegexValidator('^[^\\s,;|][^,;|]{0,98}\\Z', 'Use 1 to 99 characters, without commas, semicolons and vertical bars.')], verbose_name='name')),
            ],
            options={
                'verbose_name': 'collection',
                'verbose_name_plural': 'collections',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, validators=[django.core.validators.RegexValidator('^[^\\s,;|][^,;|]{0,98}\\Z', 'Use 1 to 99 characters, without commas, semicolons and vertical bars.')], verbose_name='name')),
            ],
            options={
                'verbose_name': 'customer',
                'verbose_name_plural': 'customers',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True, validators=[django.core.validators.RegexValidator('^[^\\s,;|][^,;|]{0,98}\\Z', 'Use 1 to 99 characters, without commas, semicolons and vertical bars.')], verbose_name='name')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.RemoveConstraint('cadfile', 'cadfile_known_code_page'),
        *add(
            'cadfile',
            error_details=models.JSONField(blank=True, default=dict, editable=False, verbose_name='error details'),
            converter=models.PositiveSmallIntegerField(default=media_assets.models.cad_file.current_converter, editable=False, help_text='The version of the reader that its pictures are made with; raised when it is read again', verbose_name='converter'),
            strays=models.CharField(blank=True, choices=[('keep', 'Keep them in the picture')], help_text='Parts that lie far from the product. Empty: left out.', max_length=4, verbose_name='stray parts'),
            up=models.CharField(blank=True, choices=[('x', 'X axis'), ('y', 'Y axis'), ('-x', 'X axis, upside down'), ('-y', 'Y axis, upside down'), ('-z', 'Z axis, upside down')], help_text='The axis of the file that points up in pictures. Empty: Z, or Y for GLB.', max_length=2, verbose_name='up'),
            archived_at=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived'),
            orientations=models.JSONField(blank=True, default=dict, editable=False, help_text='Rotations by name, as found in the triangles: flat, upright, level', verbose_name='orientations'),
            source_system=models.CharField(blank=True, editable=False, help_text='As the header of the file names it', max_length=200, verbose_name='CAD system'),
            waits_for_look=models.BooleanField(db_default=False, default=False, editable=False, help_text='Nothing is rendered of it by itself until somebody has looked at how it was read', verbose_name='waits for a look'),
            part_names=models.TextField(blank=True, db_default='', default='', editable=False, help_text='Of the tree, one a line, for searches; up to 8,000 characters', verbose_name='names of parts'),
        ),
        migrations.AlterField('cadfile', 'code_page', models.CharField(blank=True, choices=[('utf-8', 'Unicode (UTF-8)'), ('cp1251', 'Cyrillic (CP1251)'), ('gbk', 'Chinese (GBK)'), ('latin-1', 'Western European (Latin-1)'), ('cp1250', 'Central European (CP1250)'), ('shift-jis', 'Japanese (Shift-JIS)'), ('euc-kr', 'Korean (EUC-KR)'), ('big5', 'Chinese, traditional (Big5)'), ('cp1253', 'Greek (CP1253)'), ('cp1254', 'Turkish (CP1254)')], help_text='Encoding of the names in the file. Empty: detected automatically.', max_length=10, verbose_name='code page')),
        migrations.AddConstraint('cadfile', models.CheckConstraint(condition=models.Q(('code_page__in', ['', 'utf-8', 'cp1251', 'gbk', 'latin-1', 'cp1250', 'shift-jis', 'euc-kr', 'big5', 'cp1253', 'cp1254'])), name='cadfile_known_code_page')),
        migrations.AddConstraint('cadfile', models.CheckConstraint(condition=models.Q(('up__in', ['', 'x', 'y', '-x', '-y', '-z'])), name='cadfile_known_up')),
        migrations.AddConstraint('cadfile', models.CheckConstraint(condition=models.Q(('strays__in', ['', 'keep'])), name='cadfile_known_strays')),
        migrations.AddIndex('cadfile', models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['-created', '-id'], name='cadfile_archived')),
        *add(
            'product',
            archived_at=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived'),
        ),
        migrations.AddField(
            'product', 'orientation', models.CharField(blank=True, default='file', choices=[('file', "The file's axes"), ('y', "The file's Y axis up"), ('flat', 'Lying on its largest flat face'), ('upright', 'Turning axis upright'), ('level', 'Turning axis level')], help_text='How it stands in pictures. Empty: as the CAD system of its file usually has it.', max_length=8, verbose_name='orientation'),
            preserve_default=False,  # products of before stand as they did
        ),
        *add(
            'product',
            turn=models.CharField(blank=True, choices=[('-zyx', 'X up, −Z right, Y back'), ('z-yx', 'X up, Z right, −Y back'), ('yzx', 'X up, Y right, Z back'), ('-y-zx', 'X up, −Y right, −Z back'), ('zy-x', '−X up, Z right, Y back'), ('-z-y-x', '−X up, −Z right, −Y back'), ('-yz-x', '−X up, −Y right, Z back'), ('y-z-x', '−X up, Y right, −Z back'), ('zxy', 'Y up, Z right, X back'), ('-z-xy', 'Y up, −Z right, −X back'), ('-xzy', 'Y up, −X right, Z back'), ('x-zy', 'Y up, X right, −Z back'), ('-zx-y', '−Y up, −Z right, X back'), ('z-x-y', '−Y up, Z right, −X back'), ('xz-y', '−Y up, X right, Z back'), ('-x-z-y', '−Y up, −X right, −Z back'), ('-yxz', 'Z up, −Y right, X back'), ('y-xz', 'Z up, Y right, −X back'), ('-x-yz', 'Z up, −X right, −Y back'), ('yx-z', '−Z up, Y right, X back'), ('-y-x-z', '−Z up, −Y right, −X back'), ('-xy-z', '−Z up, −X right, Y back'), ('x-y-z', '−Z up, X right, −Y back')], help_text='Quarter turns on top of that: which of its axes point right, back and up.', max_length=6, verbose_name='turned by hand'),
            collection=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='products', to='media_assets.collection', verbose_name='collection'),
            customer=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='products', to='media_assets.customer', verbose_name='customer'),
            tags=models.ManyToManyField(blank=True, related_name='products', to='media_assets.tag', verbose_name='tags'),
        ),
        migrations.AddConstraint('product', models.CheckConstraint(condition=models.Q(('orientation__in', ['', 'file', 'y', 'flat', 'upright', 'level'])), name='product_known_orientation')),
        migrations.AddConstraint('product', models.CheckConstraint(condition=models.Q(('turn', ''), ('turn__in', ['-zyx', 'z-yx', 'yzx', '-y-zx', 'zy-x', '-z-y-x', '-yz-x', 'y-z-x', 'zxy', '-z-xy', '-xzy', 'x-zy', '-zx-y', 'z-x-y', 'xz-y', '-x-z-y', '-yxz', 'y-xz', '-x-yz', 'yx-z', '-y-x-z', '-xy-z', 'x-y-z']), _connector='OR'), name='product_known_turn')),
        migrations.AddIndex('product', models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['number'], name='product_archived')),
        migrations.RemoveIndex('mediaasset', 'asset_standing'),
        migrations.RemoveIndex('mediaasset', 'asset_newest'),
        migrations.RenameField('mediaasset', 'standing', 'delivery_state'),
        *add(
            'mediaasset',
            archived_at=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='archived'),
            last_used=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now, editable=False, help_text='To the day: made, worked from, downloaded, shared, or current until then', verbose_name='last used'),
            pruned=models.DateTimeField(blank=True, editable=False, help_text='When its file was deleted to free space. Recipe and receipt stay.', null=True, verbose_name='pruned'),
        ),
        migrations.AddIndex('mediaasset', models.Index(fields=["delivery_state", "-produced", "-id"], name="asset_delivery_state")),
        migrations.AddIndex('mediaasset', models.Index(fields=['-produced', '-id', 'archived_at'], name='asset_newest')),
        migrations.AddIndex('mediaasset', models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['-produced', '-id'], name='asset_archived')),
        migrations.AddIndex('mediaasset', models.Index(condition=models.Q(('poster__gt', '')), fields=['poster'], name='asset_poster')),
        migrations.CreateModel(
            name='ProductRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, help_text='When it became the current one, the last time', verbose_name='since')),
                ('cad_file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='media_assets.cadfile')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='history', to='media_assets.product')),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ['-number'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('product', 'cad_file'), name='productrevision_once'), models.UniqueConstraint(fields=('product', 'number'), name='productrevision_number')],
            },
        ),
        migrations.CreateModel(
            name='ProductIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(help_text='gtin, asin, sku, etim, or any other name', max_length=40, validators=[django.core.validators.RegexValidator('^[a-z][a-z0-9_]*\\Z', 'Use small letters, digits and underscores, starting with a letter.')], verbose_name='scheme')),
                ('value', models.CharField(max_length=100, verbose_name='value')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identifiers', to='media_assets.product')),
            ],
            options={
                'verbose_name': 'identifier',
                'verbose_name_plural': 'identifiers',
                'ordering': ['scheme'],
                'constraints': [models.UniqueConstraint(fields=('product', 'scheme'), name='productidentifier_once_per_scheme', violation_error_message='A product has one identifier of each scheme.'), models.UniqueConstraint(condition=models.Q(('scheme__in', ('etim',)), _negated=True), fields=('scheme', 'value'), name='productidentifier_of_one_product', violation_error_message='Another product has this identifier.')],
            },
        ),
        migrations.CreateModel(
            name='ProductPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(editable=False, help_text='The same in all revisions of the product', max_length=100, verbose_name='key')),
                ('number', models.PositiveIntegerField(help_text='In the parts list and in balloons', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(99999)], verbose_name='number')),
                ('article', models.CharField(blank=True, help_text='By which it can be ordered', max_length=100, verbose_name='part number')),
                ('text', models.CharField(blank=True, help_text='Instead of its name in CAD', max_length=255, verbose_name='text')),
                ('name', models.CharField(blank=True, editable=False, help_text='As it was last seen', max_length=255, verbose_name='name in CAD')),
                ('shape', models.CharField(blank=True, editable=False, help_text='Fingerprint, as last seen', max_length=20, verbose_name='shape')),
                ('places', models.JSONField(default=list, editable=False, help_text='Some of its part keys, as last seen', verbose_name='places')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='media_assets.product')),
            ],
            options={
                'verbose_name': 'part',
                'verbose_name_plural': 'parts',
                'ordering': ['number', 'id'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('product', 'key'), name='productpart_key')],
            },
        ),
        migrations.CreateModel(
            name='CustomerAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media_assets.customer', verbose_name='customer')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='customer_access', to='auth.group')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='customer_access', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'only this customer',
                'verbose_name_plural': 'only these customers',
                'default_permissions': (),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('group__isnull', True), ('user__isnull', False)), models.Q(('group__isnull', False), ('user__isnull', True)), _connector='OR'), name='customeraccess_of_one'), models.UniqueConstraint(fields=('user', 'customer'), name='customeraccess_user_once'), models.UniqueConstraint(fields=('group', 'customer'), name='customeraccess_group_once')],
            },
        ),
        migrations.CreateModel(
            name='ExplodedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('depth', models.PositiveSmallIntegerField(blank=True, help_text='Of the product tree. Deeper subassemblies stay together. Empty: all open.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='levels that open')),
                ('spread', models.FloatField(default=1.0, help_text='1 as computed, 2 for gaps twice as wide', validators=[django.core.validators.MinValueValidator(0.2), django.core.validators.MaxValueValidator(10)], verbose_name='distances')),
                ('changes', models.JSONField(blank=True, default=list, editable=False, verbose_name='changed moves')),
                ('product', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='exploded_view', to='media_assets.product')),
            ],
            options={
                'verbose_name': 'exploded view',
                'verbose_name_plural': 'exploded views',
                'default_permissions': (),
            },
        ),
        migrations.RunPython(keep_converter, migrations.RunPython.noop),
        migrations.RunPython(name_systems, migrations.RunPython.noop),
        migrations.RunPython(number_revisions, migrations.RunPython.noop),
        migrations.RunPython(name_parts, migrations.RunPython.noop),
    ]
